// The executions of all flows, with a search.

import { h } from "../parts/dom.ts";
import { ExecutionList } from "../parts/execution-list.ts";
import { searchForm } from "../parts/search.ts";
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
  const states = { name: "state", label: "State", any: "any", values: STATES };
  const form = searchForm(place, "id, flow or namespace", states);
  place.show(
    "Executions",
    h("div", { class: "head" }, h("h1", {}, "Executions"), form),
    h("section", { class: "card" }, list.node),
  );
  list.keep();
}
