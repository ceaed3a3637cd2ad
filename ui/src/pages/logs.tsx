// The log lines of all executions, newest first.

import { useNavigate } from "@tanstack/react-router";
import { api } from "../api/client.ts";
import type { LogEntry, Page as PageOf } from "../api/types.ts";
import { LEVELS } from "../model/logs.ts";
import { ExecutionLink, FlowLink } from "../parts/links.tsx";
import { List } from "../parts/list.tsx";
import { Moment } from "../parts/moment.tsx";
import { Name } from "../parts/name.tsx";
import { Card, Page } from "../parts/page.tsx";
import { Choice, SearchForm } from "../parts/search.tsx";
import { StateMark } from "../parts/state-mark.tsx";
import { Cell, Row } from "../parts/table.tsx";
import { logsRoute } from "../routes.ts";

const SIZE = 100;

export function LogsPage() {
  const { q, level, page } = logsRoute.useSearch();
  const navigate = useNavigate({ from: logsRoute.fullPath });
  return (
    <Page
      title="Logs"
      heading="Logs"
      actions={
        <SearchForm
          words={q}
          placeholder="words, flow or namespace"
          look={words => void navigate({ search: { q: words, level } })}
        >
          <Choice
            label="Level"
            any="all"
            values={LEVELS.slice(1)}
            value={level}
            choose={chosen => void navigate({ search: { q, level: chosen } })}
          />
        </SearchForm>
      }
    >
      <Card>
        <List
          name="Logs"
          head={["Time", "Level", "Flow", "Task", "Message"]}
          of={["lines", q, level]}
          read={(at, signal) => read({ q, level, page: at }, signal)}
          row={(line, at) => <LineRow key={at} line={line} />}
          empty="No lines."
          size={SIZE}
          page={Number(page ?? 1)}
          turn={at => void navigate({ search: before => ({ ...before, page: String(at) }) })}
        />
      </Card>
    </Page>
  );
}

interface Asked {
  q: string | undefined;
  level: string | undefined;
  page: number;
}

function read({ q, level, page }: Asked, signal: AbortSignal): Promise<PageOf<LogEntry>> {
  const query = new URLSearchParams({ size: String(SIZE), page: String(page), sort: "timestamp:desc" });
  if (q) query.set("filters[q][EQUALS]", q);
  if (level) query.set("filters[level][EQUALS]", level);
  return api<PageOf<LogEntry>>(`logs/search?${query}`, { signal });
}

export function LineRow({ line }: { line: LogEntry }) {
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
