// The executions of one flow.

import { useNavigate } from "@tanstack/react-router";
import type { Flow } from "../api/types.ts";
import { ExecutionList } from "../parts/execution-list.tsx";
import { Card } from "../parts/page.tsx";
import { flowRoute } from "../routes.ts";

export function FlowExecutions({ flow: { namespace, id }, title }: { flow: Flow; title?: string }) {
  const { page } = flowRoute.useSearch();
  const navigate = useNavigate({ from: flowRoute.fullPath });
  return (
    <Card {...(title ? { title } : {})}>
      <ExecutionList
        ofOneFlow
        filter={[
          ["filters[namespace][EQUALS]", namespace],
          ["filters[flowId][EQUALS]", id],
        ]}
        page={Number(page ?? 1)}
        turn={at =>
          void navigate({ search: before => ({ ...before, page: String(at) }), resetScroll: false })
        }
      />
    </Card>
  );
}
