// Orders task runs as a tree.

import type { TaskRun } from "../api/types.ts";

export interface Branch {
  run: TaskRun;
  depth: number;
}

/** Children follow their parent. A task run whose parent is missing is on the first level. */
export function ordered(runs: readonly TaskRun[]): Branch[] {
  const known = new Set(runs.map(run => run.id));
  const children = new Map<string, TaskRun[]>();
  for (const run of runs) {
    const parent = run.parentTaskRunId && known.has(run.parentTaskRunId) ? run.parentTaskRunId : "";
    const siblings = children.get(parent);
    if (siblings) siblings.push(run);
    else children.set(parent, [run]);
  }
  const found: Branch[] = [];
  const walk = (id: string, depth: number) => {
    for (const run of children.get(id) ?? []) {
      found.push({ run, depth });
      walk(run.id, depth + 1);
    }
  };
  walk("", 0);
  return found;
}

/** The task, with the value of its loop and the number of its attempt. */
export function nameOf(run: TaskRun): string {
  const value = run.value ?? (run.iteration === undefined ? undefined : `#${run.iteration}`);
  const attempts = run.attempts?.length ?? 0;
  return (
    run.taskId + (value === undefined ? "" : ` [${value}]`) + (attempts > 1 ? ` · attempt ${attempts}` : "")
  );
}

/** The first failure: among failed task runs without a failed child, the one that ended first. */
export function firstFailed(runs: readonly TaskRun[]): TaskRun | undefined {
  const failed = runs.filter(run => run.state.current === "FAILED");
  const parents = new Set(failed.map(run => run.parentTaskRunId));
  const end = (run: TaskRun) => Date.parse(run.state.endDate ?? run.state.startDate);
  return failed.filter(run => !parents.has(run.id)).sort((a, b) => end(a) - end(b))[0];
}
