import { expect, test } from "vitest";
import { refusalText } from "../src/api/refusal.ts";

test("a fault of a flow is told in the words of the command line", () => {
  const text = "6:5 tasks[0].message: must not be null";
  const errors = [{ detail: "must not be null", pointer: "#/tasks/0/message", line: 6, column: 5, text }];
  expect(refusalText(422, { message: "Invalid entity", errors })).toBe(text);
});

test("any other fault is told with its place", () => {
  const errors = [{ detail: "must not be null", pointer: "#/name" }];
  expect(refusalText(422, { errors })).toBe("name: must not be null");
});
