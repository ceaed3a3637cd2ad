// A list of triggers, kept up to date, with acts on one and on many.

import { api } from "../api/client.ts";
import type { Page, TriggerItem } from "../api/types.ts";
import { rowsOr } from "../model/settings.ts";
import { useChoosing } from "./choosing.tsx";
import { List } from "./list.tsx";
import { TRIGGER_ACTS } from "./trigger-acts.ts";
import { TRIGGER_HEAD, TriggerRow } from "./trigger-row.tsx";

const USUAL = 50;
/** A backfill goes on, and a lock is taken and given back. */
const EVERY = 3000;

const nameOf = ({ state: { namespace, flowId, triggerId } }: TriggerItem): string =>
  JSON.stringify([namespace, flowId, triggerId]);

interface TriggerListProps {
  filter: readonly (readonly [string, string])[];
  empty: string;
  page: number;
  turn: (page: number) => void;
}

export function TriggerList({ filter, empty, page, turn }: TriggerListProps) {
  const size = rowsOr(USUAL);
  const choosing = useChoosing<TriggerItem>(nameOf);
  const filters = new URLSearchParams(filter.map(([name, value]) => [name, value])).toString();
  return (
    <List
      name="Triggers"
      head={TRIGGER_HEAD}
      of={["triggers", filters]}
      read={(at, signal) => {
        const query = `size=${size}&page=${at}${filters ? `&${filters}` : ""}`;
        return api<Page<TriggerItem>>(`triggers/search?${query}`, { signal });
      }}
      row={item => <TriggerRow key={nameOf(item)} item={item} choosing={choosing} />}
      empty={empty}
      size={size}
      page={page}
      turn={turn}
      words={["Previous", "Next"]}
      every={EVERY}
      bulk={{ choosing, thing: "trigger", acts: TRIGGER_ACTS, filters, shownBy: "triggers" }}
    />
  );
}
