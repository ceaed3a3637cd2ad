// One execution as it goes: its state, its task runs on a time axis, its logs.

import { api, follow, path } from "./api.js";
import { ENDED, become, flowLink, h, lasted, press, problem, say, span, state, when } from "./dom.js";
import { Gantt } from "./gantt.js";
import { Logs } from "./logs.js";

const RESTARTABLE = new Set(["FAILED", "KILLED", "CANCELLED", "WARNING", "PAUSED"]);
const BEAT = 250, LAST_LINES = 5000;

export async function execution(place, namespace, flowId, id) {
  const first = await api(`executions/${path(id)}`, { signal: place.signal });
  new ExecutionPage(place, first).open();
}

class ExecutionPage {
  constructor(place, first) {
    this.place = place;
    this.now = first;
    this.gantt = new Gantt();
    this.logs = new Logs();
    this.badge = h("span");
    this.clock = h("span", { class: "number" });
    this.kill = h("button", { class: "danger", type: "button", onclick: () => this.act(this.kill, "DELETE", "kill") }, "Kill");
    this.restart = h("button", { class: "quiet", type: "button", onclick: () => this.act(this.restart, "POST", "restart") }, "Restart");
    this.answer = h("div");
    this.lost = h("p", { class: "problem", role: "status" });
    this.facts = h("dl");
  }

  open() {
    const { id, namespace, flowId, flowRevision, state: { startDate } } = this.now;
    this.place.show(`${flowId} ${id}`,
      h("div", { class: "head" },
        h("div", {}, h("h1", {}, flowLink(namespace, flowId, flowId)),
          h("p", { class: "note" }, `${namespace} · revision ${flowRevision} · `, h("span", { class: "mono" }, id), " · started ", when(startDate))),
        h("div", { class: "row" }, this.badge, this.clock, this.restart, this.kill)),
      this.answer, this.lost,
      h("section", { class: "card" }, h("h2", {}, "Task runs"), this.gantt.node),
      h("section", { class: "card" }, this.logs.node),
      h("section", { class: "card" }, h("h2", {}, "Details"), this.facts));
    this.take(this.now);
    this.follow();
    const beat = setInterval(() => this.place.signal.aborted ? clearInterval(beat) : this.tick(), BEAT);
  }

  // Logs are followed for a while after the end: the last lines come a little later than the last state.
  async follow() {
    const { signal } = this.place, target = path(this.now.id);
    this.lines ??= new AbortController();
    if (this.lines.signal.aborted) this.lines = new AbortController();
    const lines = this.lines;
    signal.addEventListener("abort", () => lines.abort(), { once: true });
    const lost = () => { become(this.lost, "Connection lost. Trying again …"); };
    const failed = error => error.status === 401 ? this.place.failed(error) : this.answer.replaceChildren(problem(error));
    if (!this.reading) {
      this.reading = true;
      follow(`logs/${target}/follow`, lines.signal, {
        start: () => { become(this.lost, ""); this.logs.clear(); },
        event: line => { this.logs.add(line); this.soon?.(); },
        lost,
      }).catch(failed).finally(() => { this.reading = false; });
    }
    await follow(`executions/${target}/follow`, signal, {
      start: () => become(this.lost, ""), event: now => this.take(now), lost,
    }).catch(failed);
    this.soon = () => { clearTimeout(this.ending); this.ending = setTimeout(() => lines.abort(), LAST_LINES); };
    this.soon();
  }

  // An answer to a button may come later than the events that it set off: states are only ever added.
  take(now, least = this.now.state.histories.length) {
    if (now.state.histories.length < least) return;
    const before = this.now.state.current, { current } = now.state;
    this.now = now;
    become(this.badge, current, () => state(current, true));
    if (before !== current) say(`Execution is ${current}`);
    this.kill.hidden = ENDED.has(current);
    this.restart.hidden = !RESTARTABLE.has(current);
    this.gantt.take(now);
    this.showFacts();
    this.tick();
  }

  tick() {
    become(this.clock, lasted(span(this.now.state)));
    this.gantt.tick();
  }

  showFacts() {
    const { inputs, outputs, labels, trigger, parentId } = this.now;
    const rows = [
      ["Inputs", inputs && JSON.stringify(inputs, null, 2)], ["Outputs", outputs && JSON.stringify(outputs, null, 2)],
      ["Labels", labels?.map(label => `${label.key}: ${label.value}`).join("\n")], ["Trigger", trigger?.id], ["Parent", parentId],
    ].filter(([, text]) => text);
    become(this.facts, JSON.stringify(rows), () => {
      const nodes = document.createDocumentFragment();
      for (const [name, text] of rows) nodes.append(h("dt", {}, name), h("dd", { class: "mono" }, text));
      return nodes;
    });
  }

  act(button, method, action) {
    return press(button, this.answer, async () => {
      const now = await api(`executions/${path(this.now.id)}/actions/${action}`, { method, signal: this.place.signal });
      this.take(now, this.now.state.histories.length + 1);
      if (action === "restart") { clearTimeout(this.ending); this.soon = null; this.follow(); }
    });
  }
}
