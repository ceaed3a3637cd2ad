// What is wrong with a text, in the order of its lines. Each leads to its place.

import type { Finding } from "../api/types.ts";
import { h } from "./dom.ts";

const WORDS: Readonly<Record<Finding["severity"], string>> = {
  error: "Error",
  warning: "Warning",
  hint: "Hint",
};

export function findings(found: readonly Finding[], go: (to: Finding) => void): HTMLElement {
  if (!found.length) return h("p", { class: "note", role: "status" }, "No problems.");
  const sorted = found.toSorted((a, b) => a.line - b.line || a.column - b.column);
  const items = sorted.map(each => {
    const place = h(
      "button",
      { class: "quiet", type: "button", onclick: () => go(each) },
      `Line ${each.line}`,
    );
    return h(
      "li",
      { class: each.severity },
      place,
      h("span", {}, `${WORDS[each.severity]}: ${each.message}`),
    );
  });
  return h("ul", { class: "findings", "aria-label": "Problems" }, items);
}
