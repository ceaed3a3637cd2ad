import { afterEach, beforeEach, expect, test } from "vitest";
import { exactText, lasted, momentText, span, zoneText } from "../src/model/time.ts";

// Node reads the zone anew when the variable changes.
const environment = (globalThis as unknown as { process: { env: Record<string, string | undefined> } })
  .process.env;
let before: string | undefined;
beforeEach(() => {
  before = environment["TZ"];
});
afterEach(() => {
  environment["TZ"] = before ?? "UTC";
});

test.each([
  ["Asia/Kathmandu", "2026-01-02 08:50:06", "+05:45"],
  ["America/St_Johns", "2026-01-01 23:35:06", "-03:30"],
  ["UTC", "2026-01-02 03:05:06", "+00:00"],
])("a moment in %s", (zone, text, offset) => {
  environment["TZ"] = zone;
  const moment = new Date("2026-01-02T03:05:06.007Z");
  expect(momentText(moment)).toBe(text);
  expect(exactText(moment)).toContain(`${text}.007 ${offset} `);
  expect(zoneText(moment)).toContain(`(UTC${offset})`);
});

test.each([
  [-5, "0 ms"],
  [999, "999 ms"],
  [1500, "1.5 s"],
  [61_000, "1 min 01 s"],
  [3_660_000, "1 h 01 min"],
])("%d ms last %s", (milliseconds, text) => {
  expect(lasted(milliseconds)).toBe(text);
});

test("what has not ended lasts until now", () => {
  const state = { current: "RUNNING", histories: [], startDate: "2026-01-01T00:00:00Z" };
  expect(span(state, Date.parse("2026-01-01T00:00:02Z"))).toBe(2000);
  expect(span({ ...state, endDate: "2026-01-01T00:00:01Z" }, 0)).toBe(1000);
});
