// Moments and durations as text. Moments have the same form on every page, in the browser's time zone.

import type { StateView } from "../api/types.ts";

const pad = (value: number, digits = 2): string => String(value).padStart(digits, "0");

/** For example 2026-11-29 23:05:00. */
export function momentText(of: Date): string {
  const day = `${pad(of.getFullYear(), 4)}-${pad(of.getMonth() + 1)}-${pad(of.getDate())}`;
  return `${day} ${pad(of.getHours())}:${pad(of.getMinutes())}:${pad(of.getSeconds())}`;
}

/** For example 2026-11-29 23:05:00.123 +01:00 Europe/Berlin. */
export function exactText(of: Date): string {
  return `${momentText(of)}.${pad(of.getMilliseconds(), 3)} ${offsetText(of)} ${zoneName()}`;
}

/** For example Europe/Berlin (UTC+01:00). */
export const zoneText = (now: Date): string => `${zoneName()} (UTC${offsetText(now)})`;

const zoneName = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

function offsetText(of: Date): string {
  const minutes = -of.getTimezoneOffset();
  const size = Math.abs(minutes);
  return `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
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
