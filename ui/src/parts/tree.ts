// Task runs as a tree in the order in which they are read.

import type { TaskRun } from "../api/types.ts";

export interface Branch {
  run: TaskRun;
  depth: number;
}

/** Children after their parent. One whose parent is not there stands on the first level. */
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
