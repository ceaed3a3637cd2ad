// Moments and lengths of time as text.

import type { StateView } from "../api/types.ts";
import { h } from "./dom.ts";

export function when(text: string): HTMLElement {
  const moment = new Date(text);
  const today = moment.toDateString() === new Date().toDateString();
  const shown = today ? moment.toLocaleTimeString() : moment.toLocaleString();
  return h("time", { datetime: text, title: moment.toLocaleString() }, shown);
}

export function lasted(milliseconds: number): string {
  if (milliseconds < 1000) return `${Math.max(0, Math.round(milliseconds))} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.floor(milliseconds / 1000);
  const pair = (value: number) => String(value).padStart(2, "0");
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${pair(seconds % 60)} s`;
  return `${Math.floor(seconds / 3600)} h ${pair(Math.floor(seconds / 60) % 60)} min`;
}

/** How long it took, or takes by now. */
export function span(state: StateView, now: number = Date.now()): number {
  return (state.endDate ? Date.parse(state.endDate) : now) - Date.parse(state.startDate);
}
