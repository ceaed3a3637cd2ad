// Log lines of many executions, newest first, and the search for them.

import { api } from "../api/client.ts";
import type { Flow, LogEntry, Page } from "../api/types.ts";
import { LEVELS } from "../model/logs.ts";
import { rowsOr } from "../model/settings.ts";
import { ExecutionLink, FlowLink } from "./links.tsx";
import { List } from "./list.tsx";
import { Moment } from "./moment.tsx";
import { Name } from "./name.tsx";
import { Choice, SearchForm } from "./search.tsx";
import { StateMark } from "./state-mark.tsx";
import { Cell, Row } from "./table.tsx";

const USUAL = 100;

interface Wanted {
  q: string | undefined;
  level: string | undefined;
}

interface LogSearchProps extends Wanted {
  placeholder: string;
  look: (wanted: Wanted) => void;
}

export function LogSearch({ q, level, placeholder, look }: LogSearchProps) {
  return (
    <SearchForm words={q} placeholder={placeholder} look={words => look({ q: words, level })}>
      <Choice
        label="Level"
        any="all"
        values={LEVELS.slice(1)}
        value={level}
        choose={chosen => look({ q, level: chosen })}
      />
    </SearchForm>
  );
}

interface LogListProps extends Wanted {
  /** Of all flows if none is given. */
  flow?: Flow;
  page: string | undefined;
  turn: (page: number) => void;
}

export function LogList({ flow, q, level, page, turn }: LogListProps) {
  return (
    <List
      name="Logs"
      head={["Time", "Level", "Flow", "Task", "Message"]}
      of={["lines", flow?.namespace, flow?.id, q, level]}
      read={(at, signal) => read({ flow, q, level, page: at }, signal)}
      row={(line, at) => <LineRow key={at} line={line} />}
      empty="No lines."
      size={rowsOr(USUAL)}
      page={Number(page ?? 1)}
      turn={turn}
    />
  );
}

interface Asked extends Wanted {
  flow: Flow | undefined;
  page: number;
}

function read({ flow, q, level, page }: Asked, signal: AbortSignal): Promise<Page<LogEntry>> {
  const query = new URLSearchParams({
    size: String(rowsOr(USUAL)),
    page: String(page),
    sort: "timestamp:desc",
  });
  if (flow) {
    query.set("filters[namespace][EQUALS]", flow.namespace);
    query.set("filters[flowId][EQUALS]", flow.id);
  }
  if (q) query.set("filters[q][EQUALS]", q);
  if (level) query.set("filters[level][EQUALS]", level);
  return api<Page<LogEntry>>(`logs/search?${query}`, { signal });
}

function LineRow({ line }: { line: LogEntry }) {
  const { namespace, flowId, executionId, timestamp } = line;
  const moment = <Moment at={timestamp} />;
  return (
    <Row>
      <Cell label="Time" kind="number">
        {executionId ? (
          <ExecutionLink of={{ namespace, flowId, id: executionId }}>{moment}</ExecutionLink>
        ) : (
          moment
        )}
      </Cell>
      <Cell label="Level" kind="status">
        <StateMark name={line.level} />
      </Cell>
      <Cell label="Flow" kind="id">
        <FlowLink namespace={namespace} id={flowId}>
          <Name of={`${namespace}.${flowId}`} />
        </FlowLink>
      </Cell>
      <Cell label="Task" kind="id">
        {line.taskId ?? line.triggerId ?? "—"}
      </Cell>
      <Cell label="Message" kind="wide text">
        {line.message}
      </Cell>
    </Row>
  );
}
