import { expect, test } from "vitest";
import { columnOf, offsetOf } from "../src/model/column.ts";

test.each([
  ["id: hello", 4, 5],
  ["", 0, 1],
  ["a: 😀 b", 6, 6],
  ["é: 1", 3, 4],
])("%s at %i is column %i", (line, offset, column) => {
  expect(columnOf(line, offset)).toBe(column);
  expect(offsetOf(line, column)).toBe(offset);
});

test("a column behind the line is its end, one before it is its begin", () => {
  expect(offsetOf("ab", 99)).toBe(2);
  expect(offsetOf("ab", 0)).toBe(0);
});
