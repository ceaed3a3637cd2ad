// The log lines of all executions of one flow.

import { useNavigate } from "@tanstack/react-router";
import { api } from "../api/client.ts";
import type { Flow, LogEntry, Page } from "../api/types.ts";
import { LEVELS } from "../model/logs.ts";
import { List } from "../parts/list.tsx";
import { Card } from "../parts/page.tsx";
import { Choice, SearchForm } from "../parts/search.tsx";
import { flowRoute } from "../routes.ts";
import { LineRow } from "./logs.tsx";

const SIZE = 100;

export function FlowLogs({ flow: { namespace, id } }: { flow: Flow }) {
  const { q, level, page = "1" } = flowRoute.useSearch();
  const navigate = useNavigate({ from: flowRoute.fullPath });
  const read = (at: number, signal: AbortSignal) => {
    const query = new URLSearchParams({ size: String(SIZE), page: String(at), sort: "timestamp:desc" });
    query.set("filters[namespace][EQUALS]", namespace);
    query.set("filters[flowId][EQUALS]", id);
    if (q) query.set("filters[q][EQUALS]", q);
    if (level) query.set("filters[level][EQUALS]", level);
    return api<Page<LogEntry>>(`logs/search?${query}`, { signal });
  };
  return (
    <Card>
      <div className="card-head">
        <SearchForm
          words={q}
          placeholder="words"
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
      </div>
      <List
        name="Logs"
        head={["Time", "Level", "Flow", "Task", "Message"]}
        of={["lines", namespace, id, q, level]}
        read={read}
        row={(line, at) => <LineRow key={at} line={line} />}
        empty="No lines."
        size={SIZE}
        page={Number(page)}
        turn={at => void navigate({ search: before => ({ ...before, page: String(at) }) })}
      />
    </Card>
  );
}
