// What happened in an execution, as one list.

import type { Execution } from "../api/types.ts";
import { nameOf } from "./tree.ts";

export interface Event {
  key: string;
  at: string;
  /** The task run, or the execution. */
  of: string;
  state: string;
}

export function eventsOf({ id, state, taskRunList = [] }: Execution): Event[] {
  const all = [
    { id, of: "the execution", state },
    ...taskRunList.map(run => ({ id: run.id, of: nameOf(run), state: run.state })),
  ];
  return all
    .flatMap(({ id: of, of: name, state: { histories } }) =>
      histories.map(({ state: reached, date }, at) => ({
        key: `${of} ${at}`,
        at: date,
        of: name,
        state: reached,
      })),
    )
    .sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
}
