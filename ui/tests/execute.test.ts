import { expect, test } from "vitest";
import type { FlowInput } from "../src/api/types.ts";
import { InputForm } from "../src/model/input-form.ts";
import { keepNamed, namedAt } from "../src/model/named.ts";
import { curlText, pythonText } from "../src/model/snippet.ts";

const DECLARED: FlowInput[] = [
  { id: "name", type: "STRING" },
  { id: "times", type: "INT" },
  { id: "sure", type: "BOOL" },
  { id: "which", type: "MULTISELECT", values: ["a", "b"] },
  { id: "key", type: "SECRET" },
];

test("values of an earlier time are given again, but no secrets", () => {
  const values = { name: "Ada", times: 3, sure: true, which: ["a"], key: "cipher" };
  const form = new InputForm("executions/a/b", DECLARED, { values });
  expect(form.texts()).toEqual({ name: "Ada", times: "3", sure: "true", which: '["a"]' });
  expect(form.kept()).toEqual({ name: "Ada", times: 3, sure: true, which: ["a"] });
  form.give("key", "hidden");
  expect(form.texts(true)["key"]).toBe("…");
  expect(form.kept()).not.toHaveProperty("key");
});

test("what is saved by a name is there until it is forgotten", () => {
  const kept = new Map<string, string>();
  const store = {
    getItem: (name: string) => kept.get(name) ?? null,
    setItem: (name: string, text: string) => void kept.set(name, text),
  };
  const place = ["inputs", "a.b", "c"];
  keepNamed(store, place, "small", { times: 1 });
  keepNamed(store, place, "large", { times: 9 });
  expect(namedAt(store, place)).toEqual({ small: { times: 1 }, large: { times: 9 } });
  expect(namedAt(store, ["inputs", "a", "b.c"])).toEqual({});
  expect(keepNamed(store, place, "small", null)).toEqual({ large: { times: 9 } });
  kept.set([...kept.keys()][0] ?? "", "no JSON");
  expect(namedAt(store, place)).toEqual({});
});

test("the call is written so that a shell and Python read every letter as it is", () => {
  const call = { origin: "http://h:1", namespace: "a.b", id: "c", texts: { name: 'it\'s @"x"' } };
  expect(curlText(call)).toContain(
    `--form-string 'name=it'\\''s @"x"' \\\n  'http://h:1/api/v1/main/executions/a.b/c'`,
  );
  expect(pythonText(call)).toContain(`"name": (None, "it's @\\"x\\""),`);
  expect(pythonText({ ...call, texts: {} })).not.toContain("files=");
});
