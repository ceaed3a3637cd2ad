import { expect, test } from "vitest";
import type { FlowGraph, TaskRun } from "../src/api/types.ts";
import { boxesOf, progressOf } from "../src/model/graph.ts";
import { ENDED } from "../src/model/states.ts";

const GRAPH: FlowGraph = {
  nodes: [
    { uid: "begin" },
    { uid: "root.each", task: { id: "each", type: "x.y.ForEach" } },
    { uid: "root.each.one", task: { id: "one", type: "x.y.Log" } },
    { uid: "root.Triggers.t", triggerDeclaration: { id: "t", type: "x.y.Schedule" } },
  ],
  edges: [{ source: "begin", target: "root.each", relation: { relationType: "ERROR", value: "a" } }],
  clusters: [
    { cluster: { uid: "cluster_root.Triggers" }, nodes: ["root.Triggers.t"] },
    {
      cluster: { uid: "cluster_root.each", taskNode: { uid: "root.each", task: { id: "each" } } },
      nodes: ["root.each", "cluster_root.each.in"],
    },
    {
      cluster: { uid: "cluster_root.each.in", taskNode: { uid: "x", task: { id: "in" } } },
      nodes: ["root.each.one"],
    },
  ],
};

test("clusters hold their nodes and the clusters inside of them", () => {
  const { boxes, lines } = boxesOf(GRAPH);
  const tree = (of: typeof boxes): unknown => of.map(box => [box.kind, box.text, tree(box.children)]);
  expect(tree(boxes)).toEqual([
    ["dot", "", []],
    [
      "cluster",
      "each",
      [
        ["task", "each", []],
        ["cluster", "in", [["task", "one", []]]],
      ],
    ],
    ["cluster", "Triggers", [["trigger", "t", []]]],
  ]);
  expect(lines).toEqual([{ id: "0", source: "begin", target: "root.each", text: "a", error: true }]);
});

const run = (id: string, taskId: string, current: string): TaskRun => ({
  id,
  taskId,
  state: { current, histories: [], startDate: "2026-01-01T00:00:00Z" },
});

test("the runs of a loop's task are one, which tells the worst and counts the ended", () => {
  const runs = [
    run("1", "one", "SUCCESS"),
    run("2", "one", "RUNNING"),
    run("3", "one", "FAILED"),
    run("4", "two", "SUCCESS"),
  ];
  expect(progressOf(runs, ENDED)).toEqual(
    new Map([
      ["one", { state: "FAILED", done: 2, total: 3 }],
      ["two", { state: "SUCCESS", done: 1, total: 1 }],
    ]),
  );
});
