import { expect, test } from "vitest";
import { daysOf } from "../src/model/days.ts";

test("every day until today is there, with what went well below", () => {
  const usage = {
    executions: {
      dailyExecutionsCount: [
        { startDate: "2026-03-01T00:00:00Z", executionCounts: { FAILED: 1, SUCCESS: 4, RUNNING: 2 } },
      ],
    },
  };
  const days = daysOf(usage, 3, Date.parse("2026-03-02T23:59:00Z"));
  expect(days.map(({ name, total }) => [name, total])).toEqual([
    ["2026-02-28", 0],
    ["2026-03-01", 7],
    ["2026-03-02", 0],
  ]);
  expect(days[1]?.parts.map(({ state }) => state)).toEqual(["SUCCESS", "RUNNING", "FAILED"]);
  expect([days[1]?.from, days[1]?.to]).toEqual(["2026-03-01T00:00:00.000Z", "2026-03-01T23:59:59.999Z"]);
});
