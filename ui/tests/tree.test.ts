import { expect, test } from "vitest";
import type { TaskRun } from "../src/api/types.ts";
import { ordered } from "../src/model/tree.ts";

const state = { current: "SUCCESS", histories: [], startDate: "2026-01-01T00:00:00Z" };
const run = (id: string, parentTaskRunId?: string): TaskRun =>
  parentTaskRunId ? { id, taskId: id, parentTaskRunId, state } : { id, taskId: id, state };

test("children stand after their parent, deeper", () => {
  const found = ordered([run("a"), run("b"), run("a1", "a"), run("a2", "a"), run("a1x", "a1")]);
  expect(found.map(({ run, depth }) => `${depth}${run.id}`)).toEqual(["0a", "1a1", "2a1x", "1a2", "0b"]);
});

test("a task run whose parent is not there is shown all the same", () => {
  expect(ordered([run("x", "gone")]).map(({ run }) => run.id)).toEqual(["x"]);
});
