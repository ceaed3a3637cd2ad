import { expect, test } from "vitest";
import { doneOf } from "../src/model/backfill.ts";
import { cronText } from "../src/model/cron.ts";
import { distanceText } from "../src/model/time.ts";

test.each([
  ["* * * * *", "every minute"],
  ["*/15 * * * *", "every 15 minutes"],
  ["0 * * * *", "every hour"],
  ["5 */6 * * *", "every 6 hours at minute 5"],
  ["*/5 * * * 1-5", "every 5 minutes, on weekdays"],
  ["0 9 * * *", "every day at 09:00"],
  ["30 9,17 * * MON", "every Monday at 09:30 and 17:30"],
  ["0 0 1 * *", "on day 1 of every month at 00:00"],
  ["@yearly", "on 1 January at 00:00"],
])("%s is %s", (line, text) => {
  expect(cronText(line)).toBe(text);
});

test.each(["0 9 1 * 1", "0 9 L * *", "0 0 9 * * *", "1-5 * * * *", "*/1x * * * *", "0 9 * * 1#2", ""])(
  "`%s` is shown as it is",
  line => {
    expect(cronText(line)).toBeNull();
  },
);

test("a distance is told in its largest unit", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  expect(distanceText(new Date("2026-01-03T01:00:00Z"), now)).toBe("in 2 days");
  expect(distanceText(new Date("2025-12-31T23:58:30Z"), now)).toBe("1 minute ago");
});

test("a backfill has come as far as its next date", () => {
  const span = { start: "2026-01-01T00:00:00Z", end: "2026-01-11T00:00:00Z", paused: false };
  expect(doneOf({ ...span, currentDate: "2026-01-01T00:00:00Z" })).toBe(0);
  expect(doneOf({ ...span, currentDate: "2026-01-04T00:00:00Z" })).toBe(30);
  expect(doneOf(span)).toBe(100);
});
