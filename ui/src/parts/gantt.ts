// Task runs as a table with a time axis: a pale bar for waiting, a full bar for running.

import type { Execution, Place, StateView, TaskRun } from "../api/types.ts";
import { become, cell, h, keyed, type Row, table, tableRow } from "./dom.ts";
import { nameText } from "./name.ts";
import { Pages } from "./pages.ts";
import { ENDED, stateMark, tone } from "./states.ts";
import { lasted, span } from "./time.ts";
import { type Branch, nameOf, ordered } from "./tree.ts";

/** Rows on one page. More rows would change faster than they can be drawn. */
const SIZE = 200;
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
  private readonly none = h("p", { class: "note" }, "No task has begun.");
  private readonly pages: Pages;
  private runs: readonly Branch[] = [];
  private page = 1;
  private state: StateView | null = null;

  constructor() {
    this.rows = keyed(this.body, () => {
      const row = new RunRow();
      this.shown.set(row.node, row);
      return row;
    });
    this.pages = new Pages(page => this.turn(page), "Previous", "Next");
    const head = ["Task", "State", "Duration", "Time"];
    this.node = h("div", {}, table("Task runs", head, this.body, "gantt"), this.none, this.pages.node);
  }

  take(execution: Execution): void {
    this.runs = ordered(execution.taskRunList ?? []);
    this.state = execution.state;
    this.none.hidden = this.runs.length > 0;
    this.turn(Math.min(this.page, Math.max(1, Math.ceil(this.runs.length / SIZE))));
  }

  private turn(page: number): void {
    this.page = page;
    const shown = this.runs.slice((page - 1) * SIZE, page * SIZE);
    this.rows(shown.map(branch => [branch.run.id, branch]));
    this.pages.show(page, shown.length, this.runs.length, SIZE);
    this.tick();
  }

  tick(): void {
    if (!this.state) return;
    const from = Date.parse(this.state.startDate);
    const now = this.state.endDate ? Date.parse(this.state.endDate) : Date.now();
    for (const [node, row] of this.shown) {
      if (this.body.contains(node)) row.draw({ from, length: Math.max(now - from, 1), now });
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
  private readonly state = cell("State", "status");
  private readonly time = cell("Duration", "number");
  private readonly track = h("div", { class: "track", "aria-hidden": "true" });
  private readonly cell = cell("Task", "wide id", this.name, this.outputs);

  constructor() {
    this.node = tableRow(this.cell, this.state, this.time, cell("Time", "time", this.track));
  }

  update({ run, depth }: Branch): void {
    this.run = run;
    become(this.name, nameOf(run), () => nameText(nameOf(run)));
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
