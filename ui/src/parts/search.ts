// The form above a list: words, and more fields that narrow it. The address keeps what was asked, so that it can be shared.

import type { PagePlace } from "../pages/page.ts";
import { h } from "./dom.ts";

export interface Choice {
  name: string;
  label: string;
  /** The text of the choice that narrows nothing. */
  any: string;
  values: readonly string[];
}

export function searchForm(
  place: PagePlace,
  placeholder: string,
  ...choices: readonly Choice[]
): HTMLElement {
  const asked = new URLSearchParams(location.search);
  const words = h("input", { id: "words", type: "search", value: asked.get("q") ?? "", placeholder });
  const lists = choices.map(choice => ({ choice, list: choiceList(choice, asked.get(choice.name)) }));
  const look = (event: Event) => {
    event.preventDefault();
    const query = new URLSearchParams();
    if (words.value.trim()) query.set("q", words.value.trim());
    for (const { choice, list } of lists) if (list.value) query.set(choice.name, list.value);
    place.go(location.pathname + (query.size ? `?${query}` : ""));
  };
  for (const { list } of lists) list.addEventListener("change", look);
  return h(
    "form",
    { class: "filters", role: "search", onsubmit: look },
    h("div", { class: "field" }, h("label", { for: "words" }, "Search"), words),
    lists.map(({ choice, list }) =>
      h("div", { class: "field" }, h("label", { for: list.id }, choice.label), list),
    ),
  );
}

function choiceList({ name, any, values }: Choice, wanted: string | null): HTMLSelectElement {
  const options = values.map(value => h("option", { selected: wanted === value }, value));
  return h("select", { id: `choice-${name}`, name }, h("option", { value: "" }, any), options);
}
