// Says why an execution failed: the last error that its first failed task run logged.

import type { Execution, LogLine } from "../api/types.ts";
import { firstFailed, nameOf } from "./tree.ts";

/** The key of lines from the execution itself, not from a task run. */
const OWN = "";

export interface Reason {
  title: string;
  /** Empty if its error line has not come yet, or if it logged none. */
  text: string;
  /** The task whose run failed. */
  taskId?: string;
}

/** The last error of each task run, by its id. */
export function errorsOf(lines: readonly LogLine[]): Map<string, string> {
  const errors = new Map<string, string>();
  for (const line of lines) if (line.level === "ERROR") errors.set(line.taskRunId ?? OWN, line.message);
  return errors;
}

/** Null unless it has failed. `errors` holds the last error of each task run by id. */
export function reasonOf(execution: Execution, errors: ReadonlyMap<string, string>): Reason | null {
  if (execution.state.current !== "FAILED") return null;
  const run = firstFailed(execution.taskRunList ?? []);
  const text = errors.get(run?.id ?? OWN) ?? errors.get(OWN) ?? "";
  if (!run) return { title: "The execution failed", text };
  return { title: `${nameOf(run)} failed`, text, taskId: run.taskId };
}
