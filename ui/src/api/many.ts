// Acts on many things at once: on those that a list names, or on all that a query matches.

import { api, ask } from "./client.ts";

export interface Chosen<T> {
  readonly items: readonly T[];
  /** The filters of all that are meant. Null: those in `items` are meant. */
  readonly query: string | null;
  readonly count: number;
}

export interface ManyAct {
  method: string;
  /** The path before `by-…`. */
  at: string;
  /** What the path of the route that takes a list ends with. */
  by: "by-ids" | "by-triggers";
  params?: Readonly<Record<string, string>>;
}

/** On how many it was done. */
export async function onMany(act: ManyAct, { query }: Chosen<unknown>, body: unknown): Promise<number> {
  const { count } = await api<{ count: number }>(targetOf(act, query), optionsOf(act.method, body));
  return count;
}

/** The file that the server makes of them. */
export async function fileOfMany(act: ManyAct, { query }: Chosen<unknown>, body: unknown): Promise<Blob> {
  const answer = await ask(targetOf(act, query), optionsOf(act.method, body));
  return answer.blob();
}

function targetOf({ at, by, params = {} }: ManyAct, query: string | null): string {
  const asked = new URLSearchParams(query ?? "");
  for (const [name, value] of Object.entries(params)) asked.append(name, value);
  return `${at}/${query === null ? by : "by-query"}?${asked}`;
}

const optionsOf = (method: string, body: unknown): RequestInit =>
  body === undefined
    ? { method }
    : { method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
