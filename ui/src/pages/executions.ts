// The list of executions, newest first, kept up to date; and the same list for one flow.

import { api } from "./api.js";
import { STATES, become, executionLink, flowLink, h, keyed, lasted, problem, span, state, table, when } from "./dom.js";

const SIZE = 25, EVERY = 2000;

export async function executions(place) {
  const asked = new URLSearchParams(location.search);
  const words = h("input", { id: "words", type: "search", name: "q", value: asked.get("q"), placeholder: "id, flow or namespace" });
  const states = h("select", { id: "state", name: "state" }, h("option", { value: "" }, "any"),
    STATES.map(name => h("option", { selected: asked.get("state") === name }, name)));
  const look = event => {
    event.preventDefault();
    const wish = new URLSearchParams([["q", words.value.trim()], ["state", states.value]].filter(([, value]) => value));
    place.go(location.pathname + (wish.size ? `?${wish}` : ""));
  };
  states.addEventListener("change", look);
  const list = new ExecutionList(place, [["q", asked.get("q")], ["state", asked.get("state")]]);
  await list.load();
  place.show("Executions",
    h("div", { class: "head" }, h("h1", {}, "Executions"), h("form", { class: "filters", role: "search", onsubmit: look },
      h("div", { class: "field" }, h("label", { for: "words" }, "Search"), words),
      h("div", { class: "field" }, h("label", { for: "state" }, "State"), states))),
    h("section", { class: "card" }, list.node));
  list.keep();
}

export class ExecutionList {
  constructor(place, filter, ofOneFlow = false) {
    this.place = place;
    this.signal = place.signal;
    this.filter = filter.filter(([, value]) => value);
    this.page = 1;
    const body = h("tbody");
    this.rows = keyed(body, () => row(ofOneFlow));
    this.empty = h("p", { class: "note" }, "No executions.");
    this.table = table("Executions", ["Execution", ...(ofOneFlow ? [] : ["Flow"]), "State", "Started", "Duration"], body);
    this.pages = new Pages(page => { this.page = page; this.load().catch(error => this.failed(error)); });
    this.trouble = h("div");
    this.node = h("div", {}, this.table, this.empty, this.pages.node, this.trouble);
  }
  async load() {
    const query = new URLSearchParams([["size", SIZE], ["page", this.page], ["sort", "state.startDate:desc"], ...this.filter]);
    const found = await api(`executions/search?${query}`, { signal: this.signal });
    this.rows(found.results.map(each => [each.id, each]));
    this.table.hidden = !found.total;
    this.empty.hidden = found.total > 0;
    this.pages.show(this.page, found.results.length, found.total, SIZE);
    this.trouble.replaceChildren();
  }
  failed(error) {
    if (error.status === 401) this.place.failed(error);
    else if (error.name !== "AbortError") this.trouble.replaceChildren(problem(error));
  }
  // Nobody looks: nothing is asked.
  async keep() {
    while (!this.signal.aborted) {
      await new Promise(done => setTimeout(done, EVERY));
      if (this.signal.aborted || document.hidden) continue;
      try { await this.load(); } catch (error) { this.failed(error); }
    }
  }
}

function row(ofOneFlow) {
  const cells = [h("td", { class: "mono" }), h("td", { class: "wide" }), h("td"), h("td", { class: "number" }), h("td", { class: "number" })];
  return {
    node: h("tr", {}, ofOneFlow ? cells.toSpliced(1, 1) : cells),
    update(e) {
      become(cells[0], e.id, () => executionLink(e, e.id));
      become(cells[1], `${e.namespace}.${e.flowId}`, () => flowLink(e.namespace, e.flowId, `${e.namespace}.${e.flowId}`));
      become(cells[2], e.state.current, () => state(e.state.current));
      become(cells[3], e.state.startDate, () => when(e.state.startDate));
      become(cells[4], lasted(span(e.state)));
    },
  };
}

export class Pages {
  constructor(turn) {
    this.back = h("button", { class: "quiet", type: "button", onclick: () => turn(this.page - 1) }, "Newer");
    this.on = h("button", { class: "quiet", type: "button", onclick: () => turn(this.page + 1) }, "Older");
    this.where = h("span");
    this.node = h("div", { class: "pages" }, this.where, this.back, this.on);
  }
  names(back, on) { this.back.textContent = back; this.on.textContent = on; return this; }
  show(page, shown, total, size) {
    this.page = page;
    const first = (page - 1) * size;
    become(this.where, shown ? `${first + 1}–${first + shown} of ${total}` : `0 of ${total}`);
    this.back.disabled = page === 1;
    this.on.disabled = first + shown >= total;
    this.node.hidden = total <= size;
  }
}
