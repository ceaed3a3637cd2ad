// Task runs as a table with a time axis: a pale bar while one waits, a full one while it runs.

import type { Execution, Place, StateView, TaskRun } from "../api/types.ts";
import { become, h, keyed, type Row, table } from "./dom.ts";
import { ENDED, stateMark, tone } from "./states.ts";
import { lasted, span } from "./time.ts";
import { type Branch, ordered } from "./tree.ts";

const MOST = 1000;
const WORKING: ReadonlySet<string> = new Set(["RUNNING", "KILLING"]);

interface Axis {
  from: number;
  length: number;
  now: number;
}

export class Gantt {
  readonly node: HTMLElement;
  private readonly shown = new Map<HTMLElement, RunRow>();
  private readonly body = h("tbody");
  private readonly rows: (items: readonly [string, Branch][]) => void;
  private readonly more = h("p", { class: "note" });
  private state: StateView | null = null;

  constructor() {
    this.rows = keyed(this.body, () => {
      const row = new RunRow();
      this.shown.set(row.node, row);
      return row;
    });
    const head = ["Task", "State", "Duration", "Time"];
    this.node = h("div", {}, table("Task runs", head, this.body, "gantt"), this.more);
  }

  take(execution: Execution): void {
    const runs = ordered(execution.taskRunList ?? []);
    this.state = execution.state;
    this.rows(runs.slice(0, MOST).map(branch => [branch.run.id, branch]));
    const rest = runs.length ? "" : "No task has begun.";
    become(this.more, runs.length > MOST ? `… and ${runs.length - MOST} more.` : rest);
    this.tick();
  }

  tick(): void {
    if (!this.state) return;
    const from = Date.parse(this.state.startDate);
    const now = this.state.endDate ? Date.parse(this.state.endDate) : Date.now();
    for (const [node, row] of this.shown) {
      if (node.isConnected || this.body.contains(node))
        row.draw({ from, length: Math.max(now - from, 1), now });
      else this.shown.delete(node);
    }
  }
}

class RunRow implements Row<Branch> {
  readonly node: HTMLElement;
  private run: TaskRun | null = null;
  private readonly name = h("span");
  private readonly text = h("pre");
  private readonly outputs = h("details", {}, h("summary", {}, "Outputs"), this.text);
  private readonly state = h("td");
  private readonly time = h("td", { class: "number" });
  private readonly track = h("div", { class: "track", "aria-hidden": "true" });
  private readonly cell = h("td", { class: "wide" }, this.name, this.outputs);

  constructor() {
    this.node = h("tr", {}, this.cell, this.state, this.time, h("td", { class: "time" }, this.track));
  }

  update({ run, depth }: Branch): void {
    this.run = run;
    become(this.name, nameOf(run));
    this.cell.style.paddingLeft = `${depth * 1.1}rem`;
    this.outputs.hidden = !run.outputs;
    become(this.text, run.outputs ? JSON.stringify(run.outputs, null, 2) : "");
    become(this.state, run.state.current, () => stateMark(run.state.current));
  }

  draw({ from, length, now }: Axis): void {
    if (!this.run) return;
    const { histories, current } = this.run.state;
    become(this.time, lasted(span(this.run.state)));
    const places = intervals(histories, now);
    const part = (at: number) => Math.min(100, Math.max(0, ((at - from) / length) * 100));
    while (this.track.children.length > places.length) this.track.lastChild?.remove();
    for (const [index, place] of places.entries()) {
      const bar = (this.track.children[index] as HTMLElement | undefined) ?? this.track.appendChild(h("i"));
      const wait = WORKING.has(place.state) ? "" : " wait";
      bar.className = tone(ENDED.has(current) ? current : place.state) + wait;
      bar.style.left = `${part(place.from)}%`;
      bar.style.width = `${part(place.until) - part(place.from)}%`;
    }
  }
}

function nameOf(run: TaskRun): string {
  const value = run.value ?? (run.iteration === undefined ? undefined : `#${run.iteration}`);
  const attempts = run.attempts?.length ?? 0;
  return (
    run.taskId + (value === undefined ? "" : ` [${value}]`) + (attempts > 1 ? ` · attempt ${attempts}` : "")
  );
}

function intervals(
  histories: readonly Place[],
  now: number,
): { state: string; from: number; until: number }[] {
  return histories.flatMap(({ state, date }, index) => {
    if (ENDED.has(state)) return [];
    const next = histories[index + 1];
    return [{ state, from: Date.parse(date), until: next ? Date.parse(next.date) : now }];
  });
}
