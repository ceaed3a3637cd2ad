// The triggers of one flow.

import { useNavigate } from "@tanstack/react-router";
import type { Flow } from "../api/types.ts";
import { Card } from "../parts/page.tsx";
import { TriggerList } from "../parts/trigger-list.tsx";
import { flowRoute } from "../routes.ts";

export function FlowTriggers({ flow: { namespace, id } }: { flow: Flow }) {
  const { page = "1" } = flowRoute.useSearch();
  const navigate = useNavigate({ from: flowRoute.fullPath });
  return (
    <Card>
      <TriggerList
        filter={[
          ["filters[namespace][EQUALS]", namespace],
          ["filters[flowId][EQUALS]", id],
        ]}
        page={Number(page)}
        turn={at =>
          void navigate({ search: before => ({ ...before, page: String(at) }), resetScroll: false })
        }
        empty="This flow has no triggers. With one under `triggers:` it starts at times, by calls, or after other flows."
      />
    </Card>
  );
}
