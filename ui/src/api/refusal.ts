// Turns a refused request into text for a person: each error with its place.

import type { Refusal, Violation } from "./types.ts";

export function refusalText(status: number, body: Refusal): string {
  const lines = (body.errors ?? []).map(violationText);
  if (lines.length) return lines.join("\n");
  return body.message ?? (status === 401 ? "Sign in first." : `The server answered ${status}.`);
}

function violationText({ line, column, pointer = "", detail, text }: Violation): string {
  if (text) return text;
  const at = line ? `Line ${line}${column ? `, column ${column}` : ""}` : "";
  const place = [at, pointer.slice(2).replaceAll("/", ".")].filter(Boolean).join(", ");
  return place ? `${place}: ${detail}` : detail;
}
