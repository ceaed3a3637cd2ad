// Where the bars of a task run stand on the time axis of its execution.

import type { TaskRun } from "../api/types.ts";
import { ENDED } from "./states.ts";

const WORKING: ReadonlySet<string> = new Set(["RUNNING", "KILLING"]);

export interface Axis {
  from: number;
  length: number;
  now: number;
}

export interface Bar {
  state: string;
  from: number;
  /** It waited to run, for a retry, or for a person. */
  waits: boolean;
  /** In percent of the axis. */
  left: number;
  width: number;
}

export function barsOf(run: TaskRun, { from, length, now }: Axis): Bar[] {
  const { histories } = run.state;
  const part = (at: number) => Math.min(100, Math.max(0, ((at - from) / length) * 100));
  return histories.flatMap(({ state, date }, index) => {
    if (ENDED.has(state)) return [];
    const next = histories[index + 1];
    const begin = Date.parse(date);
    const left = part(begin);
    const width = part(next ? Date.parse(next.date) : now) - left;
    return [{ state, from: begin + index, waits: !WORKING.has(state), left, width }];
  });
}
