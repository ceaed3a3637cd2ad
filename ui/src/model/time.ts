// Moments and durations as text. Moments have the same form on every page, in the zone and the form that the reader chose.

import type { StateView } from "../api/types.ts";
import { type DateForm, settings } from "./settings.ts";

const pad = (value: number, digits = 2): string => String(value).padStart(digits, "0");

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: number;
  minute: number;
  second: number;
}

const FORMS: Readonly<Record<DateForm, (of: Parts) => string>> = {
  "2026-11-29 23:05:00": of => `${pad(of.year, 4)}-${pad(of.month)}-${pad(of.day)} ${clock(of)}`,
  "29.11.2026 23:05:00": of => `${pad(of.day)}.${pad(of.month)}.${pad(of.year, 4)} ${clock(of)}`,
  "11/29/2026 11:05:00 PM": of => {
    const half = { ...of, hour: of.hour % 12 || 12 };
    return `${pad(of.month)}/${pad(of.day)}/${pad(of.year, 4)} ${clock(half)} ${of.hour < 12 ? "AM" : "PM"}`;
  },
};

const clock = ({ hour, minute, second }: Parts): string => `${pad(hour)}:${pad(minute)}:${pad(second)}`;

/** For example 2026-11-29 23:05:00. */
export const momentText = (of: Date): string => FORMS[settings.now().dates](partsOf(of));

/** As fields of forms have it: 2026-11-29T23:05:00. */
export const localText = (of: Date): string => FORMS["2026-11-29 23:05:00"](partsOf(of)).replace(" ", "T");

/** The moment that a field of a form names. */
export function instantOf(local: string): Date {
  const wanted = Date.parse(`${local}Z`);
  // Where the clock changes in between, the second step finds the offset at the moment itself.
  const first = wanted - offsetOf(new Date(wanted));
  return new Date(wanted - offsetOf(new Date(first)));
}

/** For example 2026-11-29 23:05:00.123 +01:00 Europe/Berlin. */
export function exactText(of: Date): string {
  const [day = "", time = "", ...half] = momentText(of).split(" ");
  return [day, `${time}.${pad(of.getMilliseconds(), 3)}`, ...half, offsetText(of), zoneName()].join(" ");
}

/** For example Europe/Berlin (UTC+01:00). */
export const zoneText = (now: Date): string => `${zoneName()} (UTC${offsetText(now)})`;

const zoneName = (): string => settings.now().zone || Intl.DateTimeFormat().resolvedOptions().timeZone;

function offsetText(of: Date): string {
  const minutes = Math.round(offsetOf(of) / 60_000);
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

/** Milliseconds by which the clocks of the zone are before those of UTC. */
function offsetOf(of: Date): number {
  const { year, month, day, hour, minute, second } = partsOf(of);
  return Date.UTC(year, month - 1, day, hour, minute, second, of.getMilliseconds()) - of.getTime();
}

function partsOf(of: Date): Parts {
  const { zone } = settings.now();
  if (zone) return inZone(of, zone);
  return {
    year: of.getFullYear(),
    month: of.getMonth() + 1,
    day: of.getDate(),
    hour: of.getHours(),
    minute: of.getMinutes(),
    second: of.getSeconds(),
  };
}

/** Making one takes long, and lists have many moments. */
const zones = new Map<string, Intl.DateTimeFormat>();
const NUMERIC = {
  year: "numeric",
  month: "numeric",
  day: "numeric",
  hour: "numeric",
  minute: "numeric",
  second: "numeric",
  hourCycle: "h23",
} as const;

function inZone(of: Date, zone: string): Parts {
  let format = zones.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat("en", { ...NUMERIC, timeZone: zone });
    zones.set(zone, format);
  }
  const found = new Map(format.formatToParts(of).map(({ type, value }) => [type, Number(value)]));
  const part = (name: keyof Parts): number => found.get(name) ?? 0;
  return {
    year: part("year"),
    month: part("month"),
    day: part("day"),
    hour: part("hour"),
    minute: part("minute"),
    second: part("second"),
  };
}

export function lasted(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pad(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${pad(Math.floor(seconds / 60) % 60)} min`;
}

/** How long it took, or how long it has run so far. */
export function span(state: StateView, now: number = Date.now()): number {
  return (state.endDate ? Date.parse(state.endDate) : now) - Date.parse(state.startDate);
}

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
];
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "always" });

/** For example `in 3 hours`, or `2 days ago`. */
export function distanceText(at: Date, now: number = Date.now()): string {
  const between = at.getTime() - now;
  const [unit, length] = UNITS.find(each => Math.abs(between) >= each[1]) ?? ["second", 1000];
  return RELATIVE.format(Math.trunc(between / length), unit);
}
