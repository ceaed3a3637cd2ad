// Acts on many flows at once.

import { keep } from "../api/keep.ts";
import { type Chosen, fileOfMany, type ManyAct, onMany } from "../api/many.ts";
import type { Flow } from "../api/types.ts";
import type { BulkAct } from "./bulk.tsx";

/** A flow in a list, with what else the list shows of it. */
export interface OfFlow {
  flow: Flow;
}

const idsOf = ({ items, query }: Chosen<OfFlow>) =>
  query === null ? items.map(({ flow: { namespace, id } }) => ({ namespace, id })) : undefined;

const acting =
  (method: string, at: string) =>
  (chosen: Chosen<OfFlow>): Promise<number> => {
    const act: ManyAct = { method, at: `flows/${at}`, by: "by-ids" };
    return onMany(act, chosen, idsOf(chosen));
  };

/** The route for a query is read only, so its method is another one. */
async function exported(chosen: Chosen<OfFlow>): Promise<number> {
  const method = chosen.query === null ? "POST" : "GET";
  const file = await fileOfMany({ method, at: "flows/export", by: "by-ids" }, chosen, idsOf(chosen));
  keep(file, "flows.zip");
  return chosen.count;
}

export const FLOW_ACTS: readonly BulkAct<OfFlow>[] = [
  {
    name: "Export",
    text: "",
    done: "exported",
    harmless: true,
    work: exported,
  },
  {
    name: "Enable",
    text: "Each becomes a new revision that can be executed again. Its triggers start executions again.",
    done: "enabled",
    work: acting("POST", "enable"),
  },
  {
    name: "Disable",
    text: "Each becomes a new revision that cannot be executed, and whose triggers start nothing. Executions that run go on.",
    done: "disabled",
    work: acting("POST", "disable"),
  },
  {
    name: "Delete",
    text: "Their triggers stop. Their executions stay, and their revisions can be restored.",
    done: "deleted",
    danger: true,
    work: acting("DELETE", "delete"),
  },
];
