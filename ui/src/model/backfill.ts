// How far a backfill has come.

import type { Backfill } from "../api/types.ts";

/** Between 0 and 100: how much of its span lies before the next date. */
export function doneOf({ start, end, currentDate }: Backfill): number {
  const [from, until] = [Date.parse(start), Date.parse(end)];
  const at = currentDate ? Date.parse(currentDate) : until;
  if (until <= from) return at > from ? 100 : 0;
  return Math.max(0, Math.min(100, Math.round(((at - from) / (until - from)) * 100)));
}
