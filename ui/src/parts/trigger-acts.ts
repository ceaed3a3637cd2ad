// Acts on many triggers at once.

import { type Chosen, type ManyAct, onMany } from "../api/many.ts";
import type { TriggerItem, TriggerState } from "../api/types.ts";
import type { BulkAct } from "./bulk.tsx";

export interface TriggerKey {
  namespace: string;
  flowId: string;
  triggerId: string;
}

export const keyOf = ({ namespace, flowId, triggerId }: TriggerState): TriggerKey => ({
  namespace,
  flowId,
  triggerId,
});

const keysOf = ({ items }: Chosen<TriggerItem>): TriggerKey[] => items.map(({ state }) => keyOf(state));

function acting(method: string, at: string, chosen: Chosen<TriggerItem>): Promise<number> {
  const act: ManyAct = { method, at: `triggers/${at}`, by: "by-triggers" };
  return onMany(act, chosen, chosen.query === null ? keysOf(chosen) : undefined);
}

function turn(chosen: Chosen<TriggerItem>, disabled: boolean): Promise<number> {
  const act: ManyAct = { method: "POST", at: "triggers/set-disabled", by: "by-triggers" };
  if (chosen.query === null) return onMany(act, chosen, { triggers: keysOf(chosen), disabled });
  return onMany({ ...act, params: { disabled: String(disabled) } }, chosen, undefined);
}

export const TRIGGER_ACTS: readonly BulkAct<TriggerItem>[] = [
  {
    name: "Enable",
    text: "From now on they start executions again.",
    done: "enabled",
    work: chosen => turn(chosen, false),
  },
  {
    name: "Disable",
    text: "They start nothing until they are enabled. Executions that run go on.",
    done: "disabled",
    work: chosen => turn(chosen, true),
  },
  {
    name: "Unlock",
    text: "Each that waits for its execution fires again without waiting. That execution goes on, so two may run at once.",
    done: "unlocked",
    work: chosen => acting("POST", "unlock", chosen),
  },
  {
    name: "Pause backfills",
    text: "Those that have a backfill keep it, and run no more of its dates until it goes on.",
    done: "with a paused backfill",
    work: chosen => acting("POST", "backfill/pause", chosen),
  },
  {
    name: "Continue backfills",
    text: "Paused backfills go on with their next date.",
    done: "with a backfill that goes on",
    work: chosen => acting("POST", "backfill/unpause", chosen),
  },
  {
    name: "Delete backfills",
    text: "The dates that have not run yet will not run. Executions that have begun go on.",
    done: "without a backfill now",
    danger: true,
    work: chosen => acting("POST", "backfill/delete", chosen),
  },
  {
    name: "Delete state",
    text: "They begin anew as their flows declare them: without their last date, their backfill, and whether they were disabled. Those that wait for an execution are passed over.",
    done: "begun anew",
    danger: true,
    work: chosen => acting("DELETE", "delete", chosen),
  },
];
