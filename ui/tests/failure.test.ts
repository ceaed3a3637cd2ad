import { expect, test } from "vitest";
import type { Execution, TaskRun } from "../src/api/types.ts";
import { reasonOf } from "../src/model/failure.ts";

const state = (current: string, second: number) => ({
  current,
  histories: [],
  startDate: "2026-01-01T00:00:00Z",
  endDate: `2026-01-01T00:00:0${second}Z`,
});
const run = (id: string, current: string, second: number, parent?: string): TaskRun => ({
  id,
  taskId: `task_${id}`,
  state: state(current, second),
  ...(parent ? { parentTaskRunId: parent } : {}),
});
const execution = (current: string, taskRunList: TaskRun[] = []): Execution => ({
  id: "e",
  namespace: "n",
  flowId: "f",
  flowRevision: 1,
  state: state(current, 9),
  taskRunList,
});

test("what did not fail has no reason", () => {
  expect(reasonOf(execution("SUCCESS", [run("a", "FAILED", 1)]), new Map([["a", "x"]]))).toBeNull();
});

test("the first failed task run tells, not the loop around it, nor one that failed later", () => {
  const runs = [run("loop", "FAILED", 3), run("b", "FAILED", 2, "loop"), run("a", "FAILED", 1, "loop")];
  const errors = new Map([
    ["a", "no zip"],
    ["b", "late"],
  ]);
  expect(reasonOf(execution("FAILED", runs), errors)).toEqual({
    title: "task_a failed",
    text: "no zip",
    taskId: "task_a",
  });
});

test("an execution that failed by itself tells its own error", () => {
  const told = reasonOf(execution("FAILED", [run("a", "SUCCESS", 1)]), new Map([["", "no output x"]]));
  expect(told).toEqual({ title: "The execution failed", text: "no output x" });
});

test("a failure whose line has not come is told without it", () => {
  expect(reasonOf(execution("FAILED", [run("a", "FAILED", 1)]), new Map())?.text).toBe("");
});
