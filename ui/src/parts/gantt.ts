// Task runs as a table with a time axis: a pale bar while one waits, a full one while it runs.

import { ENDED, become, h, keyed, lasted, span, state, table, tone } from "./dom.js";

const MOST = 1000;

export class Gantt {
  constructor() {
    const body = h("tbody");
    this.rows = keyed(body, () => new Row());
    this.more = h("p", { class: "note" });
    this.node = h("div", {}, table("Task runs", ["Task", "State", "Duration", "Time"], body, "gantt"), this.more);
    this.shown = [];
  }

  take(execution) {
    const runs = execution.taskRunList ?? [];
    const depths = new Map();
    for (const run of runs) depths.set(run.id, run.parentTaskRunId ? (depths.get(run.parentTaskRunId) ?? 0) + 1 : 0);
    const first = ordered(runs).slice(0, MOST);
    this.state = execution.state;
    this.rows(first.map(run => [run.id, { run, depth: depths.get(run.id) }]));
    this.shown = [...this.node.querySelectorAll("tbody tr")].map(node => node.row);
    become(this.more, runs.length > MOST ? `… and ${runs.length - MOST} more.` : runs.length ? "" : "No task has begun.");
    this.tick();
  }

  tick() {
    if (!this.state) return;
    const from = Date.parse(this.state.startDate), to = this.state.endDate ? Date.parse(this.state.endDate) : Date.now();
    for (const row of this.shown) row.draw(from, Math.max(to - from, 1), to);
  }
}

// Children after their parent.
function ordered(runs) {
  const children = new Map(), known = new Set(runs.map(run => run.id));
  for (const run of runs) {
    const parent = known.has(run.parentTaskRunId) ? run.parentTaskRunId : "";
    if (!children.get(parent)?.push(run)) children.set(parent, [run]);
  }
  const found = [];
  const walk = id => { for (const run of children.get(id) ?? []) { found.push(run); walk(run.id); } };
  walk("");
  return found;
}

class Row {
  constructor() {
    this.name = h("span");
    this.outputs = h("details", {}, h("summary", {}, "Outputs"), h("pre"));
    this.state = h("td");
    this.time = h("td", { class: "number" });
    this.track = h("div", { class: "track", "aria-hidden": "true" });
    this.cell = h("td", { class: "wide" }, this.name, this.outputs);
    this.node = h("tr", {}, this.cell, this.state, this.time, h("td", { class: "time" }, this.track));
    this.node.row = this;
  }

  update({ run, depth }) {
    this.run = run;
    const value = run.value ?? (run.iteration == null ? null : `#${run.iteration}`);
    const attempts = run.attempts?.length ?? 0;
    become(this.name, run.taskId + (value == null ? "" : ` [${value}]`) + (attempts > 1 ? ` · attempt ${attempts}` : ""));
    this.cell.style.paddingLeft = `${depth * 1.1}rem`;
    this.outputs.hidden = !run.outputs;
    become(this.outputs.lastChild, run.outputs ? JSON.stringify(run.outputs, null, 2) : "");
    become(this.state, run.state.current, () => state(run.state.current));
  }

  draw(from, length, now) {
    const { histories, current } = this.run.state;
    become(this.time, lasted(span(this.run.state)));
    const places = histories.map((place, index) => ({ ...place, until: histories[index + 1]?.date })).filter(place => !ENDED.has(place.state));
    const part = ms => `${Math.min(100, Math.max(0, (ms - from) / length * 100))}%`;
    while (this.track.children.length > places.length) this.track.lastChild.remove();
    places.forEach((place, index) => {
      const bar = this.track.children[index] ?? this.track.appendChild(h("i"));
      const end = place.until ? Date.parse(place.until) : now;
      bar.className = `${tone(ENDED.has(current) ? current : place.state)} ${place.state === "RUNNING" || place.state === "KILLING" ? "" : "wait"}`;
      bar.style.left = part(Date.parse(place.date));
      bar.style.width = `calc(${part(end)} - ${bar.style.left})`;
    });
  }
}
