// The triggers of one flow.

import { useNavigate } from "@tanstack/react-router";
import { api, path } from "../api/client.ts";
import type { Flow, Page, TriggerState } from "../api/types.ts";
import { List } from "../parts/list.tsx";
import { Card } from "../parts/page.tsx";
import { flowRoute } from "../routes.ts";
import { TRIGGER_HEAD, TriggerRow } from "./triggers.tsx";

const SIZE = 50;

interface OfFlow extends TriggerState {
  kind?: string;
}

export function FlowTriggers({ flow: { namespace, id } }: { flow: Flow }) {
  const { page = "1" } = flowRoute.useSearch();
  const navigate = useNavigate({ from: flowRoute.fullPath });
  return (
    <Card>
      <List
        name="Triggers"
        head={TRIGGER_HEAD}
        of={["triggers", namespace, id]}
        read={async (at, signal) => {
          const target = `triggers/${path(namespace, id)}?size=${SIZE}&page=${at}`;
          const { results, total } = await api<Page<OfFlow>>(target, { signal });
          const items = results.map(state => ({
            trigger: { id: state.triggerId, type: (state.kind ?? "").toLowerCase() },
            state,
          }));
          return { results: items, total };
        }}
        row={item => <TriggerRow key={item.state.triggerId} item={item} />}
        empty="This flow has no triggers. With one under `triggers:` it starts at times, by calls, or after other flows."
        size={SIZE}
        page={Number(page)}
        turn={at => void navigate({ search: before => ({ ...before, page: String(at) }) })}
        words={["Previous", "Next"]}
      />
    </Card>
  );
}
