// Executions by day, as the server counts them: days of UTC.

import type { Usage } from "../api/types.ts";
import { type Tone, tone } from "./states.ts";

const DAY = 86_400_000;
/** From below: what went well, then what did not. */
const ORDER: readonly Tone[] = ["good", "idle", "busy", "warn", "bad"];

export interface Part {
  state: string;
  count: number;
}

export interface Day {
  /** For example 2026-11-30. */
  name: string;
  from: string;
  to: string;
  total: number;
  parts: readonly Part[];
}

/** The last days until today, the oldest first, also those on which nothing began. */
export function daysOf({ executions }: Usage, number: number, now: number): Day[] {
  const counted = new Map(
    executions.dailyExecutionsCount.map(each => [each.startDate.slice(0, 10), each.executionCounts]),
  );
  return Array.from({ length: number }, (_, at) => {
    const from = Math.floor(now / DAY) * DAY - (number - 1 - at) * DAY;
    const name = new Date(from).toISOString().slice(0, 10);
    const parts = Object.entries(counted.get(name) ?? {})
      .map(([state, count]) => ({ state, count }))
      .sort((a, b) => ORDER.indexOf(tone(a.state)) - ORDER.indexOf(tone(b.state)));
    return {
      name,
      from: new Date(from).toISOString(),
      to: new Date(from + DAY - 1).toISOString(),
      total: parts.reduce((sum, { count }) => sum + count, 0),
      parts,
    };
  });
}
