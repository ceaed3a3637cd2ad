import { expect, test } from "vitest";
import { refusalText } from "../src/api/refusal.ts";
import { logNote } from "../src/model/logs.ts";
import { wordsOf } from "../src/model/name.ts";

test.each([
  ["company.team_a.data-platform", ["company.", "team_", "a.", "data-", "platform"]],
  ["hello", ["hello"]],
  ["a__b", ["a__", "b"]],
])("%s breaks after a separator only", (name, words) => {
  expect(wordsOf(name)).toEqual(words);
});

test.each([
  [401, {}, "Sign in first."],
  [503, {}, "The server answered 503."],
  [409, { message: "It runs." }, "It runs."],
])("a refusal with status %d and %j", (status, body, text) => {
  expect(refusalText(status, body)).toBe(text);
});

const shown = { count: 0, most: 5, visible: true, least: "WARN", over: false };
test.each([
  [shown, "No lines yet."],
  [{ ...shown, over: true }, "This execution wrote no lines."],
  [{ ...shown, count: 3, over: true }, ""],
  [{ ...shown, count: 9 }, "The last 5 of 9 lines."],
  [{ ...shown, count: 3, visible: false }, "None of the lines is WARN or above."],
])("of the lines %j it is said: %s", (of, text) => {
  expect(logNote(of)).toBe(text);
});
