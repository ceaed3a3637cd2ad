// The log lines of all executions of one flow.

import { useNavigate } from "@tanstack/react-router";
import type { Flow } from "../api/types.ts";
import { LogList, LogSearch } from "../parts/log-list.tsx";
import { Card } from "../parts/page.tsx";
import { flowRoute } from "../routes.ts";

export function FlowLogs({ flow }: { flow: Flow }) {
  const { q, level, page } = flowRoute.useSearch();
  const navigate = useNavigate({ from: flowRoute.fullPath });
  return (
    <Card>
      <div className="card-head">
        <LogSearch q={q} level={level} placeholder="words" look={search => void navigate({ search })} />
      </div>
      <LogList
        flow={flow}
        q={q}
        level={level}
        page={page}
        turn={at => void navigate({ search: before => ({ ...before, page: String(at) }) })}
      />
    </Card>
  );
}
