// A flow as the graph that the server draws, made ready for a layout, and what runs in it.

import type { FlowGraph, TaskRun } from "../api/types.ts";

export interface Box {
  id: string;
  kind: "task" | "trigger" | "dot" | "cluster";
  text: string;
  /** The last word of the type of a task or trigger. */
  type: string;
  /** By which its runs are known. */
  taskId?: string;
  width: number;
  height: number;
  children: Box[];
}

export interface Line {
  id: string;
  source: string;
  target: string;
  text: string;
  /** It leads to tasks that run only after an error. */
  error: boolean;
}

const TASK = { width: 200, height: 52 };
const DOT = { width: 10, height: 10 };

/** The boxes of the outermost level, with those inside of them, and the lines between boxes of all levels. */
export function boxesOf(graph: FlowGraph): { boxes: Box[]; lines: Line[] } {
  const boxes = new Map(graph.nodes.map(node => [node.uid, boxOf(node)]));
  const inner = new Set<string>();
  // Clusters come in the order of their depth, so the innermost are filled first.
  for (const { cluster, nodes } of graph.clusters.toReversed()) {
    const children = nodes.flatMap(uid => boxes.get(uid) ?? []);
    for (const each of children) inner.add(each.id);
    const text = cluster.taskNode?.task?.id ?? "Triggers";
    boxes.set(cluster.uid, {
      id: cluster.uid,
      kind: "cluster",
      text,
      type: "",
      width: 0,
      height: 0,
      children,
    });
  }
  const lines = graph.edges.map(({ source, target, relation }, at) => ({
    id: String(at),
    source,
    target,
    text: relation?.value ?? "",
    error: relation?.relationType === "ERROR",
  }));
  return { boxes: [...boxes.values()].filter(box => !inner.has(box.id)), lines };
}

function boxOf({ uid, task, triggerDeclaration }: FlowGraph["nodes"][number]): Box {
  const named = task ?? triggerDeclaration;
  if (!named) return { id: uid, kind: "dot", text: "", type: "", children: [], ...DOT };
  const box = { id: uid, text: named.id, type: lastWord(named.type), children: [], ...TASK };
  return task ? { ...box, kind: "task", taskId: task.id } : { ...box, kind: "trigger" };
}

const lastWord = (type: string | undefined): string => type?.split(".").at(-1) ?? "";

/** The most telling state first: what is wrong, then what goes on. */
const TELLING = ["FAILED", "KILLED", "KILLING", "RUNNING", "RETRYING", "PAUSED", "WARNING", "CREATED"];

export interface Progress {
  state: string;
  done: number;
  total: number;
}

/** All runs of a task as one: a loop of a thousand turns is one node with a count. */
export function progressOf(runs: readonly TaskRun[], ended: ReadonlySet<string>): Map<string, Progress> {
  const byTask = new Map<string, TaskRun[]>();
  for (const run of runs) {
    const found = byTask.get(run.taskId);
    if (found) found.push(run);
    else byTask.set(run.taskId, [run]);
  }
  return new Map(
    [...byTask].map(([id, found]) => {
      const states = found.map(run => run.state.current);
      const state = TELLING.find(each => states.includes(each)) ?? states[0] ?? "";
      return [id, { state, done: states.filter(each => ended.has(each)).length, total: found.length }];
    }),
  );
}
