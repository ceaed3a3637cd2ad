// The log lines of all executions, newest first.

import { useNavigate } from "@tanstack/react-router";
import { LogList, LogSearch } from "../parts/log-list.tsx";
import { Card, Page } from "../parts/page.tsx";
import { logsRoute } from "../routes.ts";

export function LogsPage() {
  const { q, level, page } = logsRoute.useSearch();
  const navigate = useNavigate({ from: logsRoute.fullPath });
  return (
    <Page
      title="Logs"
      heading="Logs"
      actions={
        <LogSearch
          q={q}
          level={level}
          placeholder="words, flow or namespace"
          look={search => void navigate({ search })}
        />
      }
    >
      <Card>
        <LogList
          q={q}
          level={level}
          page={page}
          turn={at => void navigate({ search: before => ({ ...before, page: String(at) }) })}
        />
      </Card>
    </Page>
  );
}
