import { afterEach, expect, test } from "vitest";
import { SettingsStore, settings, USUAL } from "../src/model/settings.ts";
import { exactText, instantOf, localText, momentText, zoneText } from "../src/model/time.ts";

function storeWith(text: string | null) {
  const kept = { text };
  return {
    kept,
    getItem: () => kept.text,
    setItem: (_: string, value: string) => {
      kept.text = value;
    },
  };
}

afterEach(() => settings.change(USUAL));

test("a choice is kept, and found again", () => {
  const store = storeWith(null);
  const first = new SettingsStore(store);
  let heard = 0;
  first.subscribe(() => heard++);
  first.change({ rows: 100, zone: "Asia/Kathmandu" });
  expect(heard).toBe(1);
  expect(new SettingsStore(store).now()).toEqual({ ...USUAL, rows: 100, zone: "Asia/Kathmandu" });
});

test.each(["no JSON", "null", "[]", '{"rows": 7, "zone": "Nowhere/At_All", "dates": 3, "fontSize": "big"}'])(
  "%s counts as nothing chosen",
  text => {
    expect(new SettingsStore(storeWith(text)).now()).toEqual(USUAL);
  },
);

test("moments have the chosen zone and form", () => {
  const moment = new Date("2026-01-02T03:05:06.007Z");
  settings.change({ zone: "Asia/Kathmandu", dates: "11/29/2026 11:05:00 PM" });
  expect(momentText(moment)).toBe("01/02/2026 08:50:06 AM");
  expect(exactText(moment)).toBe("01/02/2026 08:50:06.007 AM +05:45 Asia/Kathmandu");
  expect(zoneText(moment)).toBe("Asia/Kathmandu (UTC+05:45)");
  settings.change({ zone: "UTC", dates: "29.11.2026 23:05:00" });
  expect(momentText(moment)).toBe("02.01.2026 03:05:06");
});

test.each(["Asia/Kathmandu", "America/New_York", "UTC"])("a field of a form is in the zone %s", zone => {
  settings.change({ zone });
  // The day before and after the clocks change in New York, too.
  for (const at of [
    "2026-01-02T03:05:06Z",
    "2026-03-08T07:30:00Z",
    "2026-03-08T06:30:00Z",
    "2026-11-01T12:00:00Z",
  ])
    expect(instantOf(localText(new Date(at))).toISOString()).toBe(new Date(at).toISOString());
});
