// The executions of all flows, with a search.

import { h } from "../parts/dom.ts";
import { ExecutionList } from "../parts/execution-list.ts";
import { STATES } from "../parts/states.ts";
import type { PagePlace } from "./page.ts";

export async function executionsPage(place: PagePlace): Promise<void> {
  const asked = new URLSearchParams(location.search);
  const wanted = asked.get("state");
  const list = new ExecutionList(place, [
    ["q", asked.get("q")],
    ["state", wanted],
  ]);
  await list.load();
  const form = searchForm(place, asked.get("q") ?? "", wanted ?? "");
  place.show(
    "Executions",
    h("div", { class: "head" }, h("h1", {}, "Executions"), form),
    h("section", { class: "card" }, list.node),
  );
  list.keep();
}

function searchForm(place: PagePlace, q: string, wanted: string): HTMLElement {
  const placeholder = "id, flow or namespace";
  const words = h("input", { id: "words", type: "search", name: "q", value: q, placeholder });
  const options = STATES.map(name => h("option", { selected: wanted === name }, name));
  const states = h("select", { id: "state", name: "state" }, h("option", { value: "" }, "any"), options);
  const look = (event: Event) => {
    event.preventDefault();
    const query = new URLSearchParams();
    if (words.value.trim()) query.set("q", words.value.trim());
    if (states.value) query.set("state", states.value);
    place.go(location.pathname + (query.size ? `?${query}` : ""));
  };
  states.addEventListener("change", look);
  return h(
    "form",
    { class: "filters", role: "search", onsubmit: look },
    h("div", { class: "field" }, h("label", { for: "words" }, "Search"), words),
    h("div", { class: "field" }, h("label", { for: "state" }, "State"), states),
  );
}
