// Log lines: which of them are shown, and what is said about those that are not.

import type { LogLine } from "../api/types.ts";

export const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];

export interface Shown {
  count: number;
  most: number;
  visible: boolean;
  least: string;
  over: boolean;
}

/** A note about lines that are not shown. */
export function logNote({ count, most, visible, least, over }: Shown): string {
  if (count === 0) return over ? "This execution wrote no lines." : "No lines yet.";
  const cut = count > most ? `The last ${most} of ${count} lines.` : "";
  return visible ? cut : `None of the lines is ${least} or above. ${cut}`.trim();
}

export interface Sieve {
  /** The least level. */
  least: string;
  /** Words that a line must have, in any case. */
  words: string;
}

export function sifted(lines: readonly LogLine[], { least, words }: Sieve): readonly LogLine[] {
  const from = LEVELS.indexOf(least);
  const wanted = words.trim().toLowerCase();
  if (from <= 0 && !wanted) return lines;
  return lines.filter(
    line =>
      LEVELS.indexOf(line.level) >= from &&
      (!wanted || `${line.taskId ?? ""} ${line.message}`.toLowerCase().includes(wanted)),
  );
}
