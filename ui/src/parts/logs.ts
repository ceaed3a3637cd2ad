// Shows log lines as they come. While the reader is at the end, the newest line stays in view.

import type { LogLine } from "../api/types.ts";
import { become, h } from "./dom.ts";
import { tone } from "./states.ts";
import { when } from "./time.ts";

export const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];
const MOST = 5000;
const EVERY = 50;
const NEAR = 24;
const SETTLES = 1000;

export interface Shown {
  count: number;
  most: number;
  visible: boolean;
  least: string;
  over: boolean;
}

/** A note about lines that are not shown. */
export function logNote({ count, most, visible, least, over }: Shown): string {
  if (count === 0) return over ? "This execution wrote no lines." : "No lines yet.";
  const cut = count > most ? `The last ${most} of ${count} lines.` : "";
  return visible ? cut : `None of the lines is ${least} or above. ${cut}`.trim();
}

export class Logs {
  readonly node: HTMLElement;
  private readonly list = h("ol");
  private readonly box: HTMLElement;
  private readonly least: HTMLSelectElement;
  private readonly note = h("p", { class: "note" });
  private waiting: LogLine[] = [];
  private count = 0;
  private over = false;
  /** Called long enough after the end that all lines have come. */
  private settled = false;
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor() {
    const attributes = { role: "log", "aria-live": "off", "aria-label": "Logs", tabindex: 0 };
    this.box = h("div", { class: "log mono", ...attributes }, this.list);
    const options = LEVELS.map(level => h("option", {}, level));
    this.least = h("select", { id: "level", onchange: () => this.sift() }, options);
    const filter = h("div", { class: "row" }, h("label", { for: "level" }, "From level"), this.least);
    const head = h("div", { class: "head" }, h("h2", {}, "Logs"), h("div", { class: "filters" }, filter));
    this.node = h("div", {}, head, this.note, this.box);
  }

  clear(): void {
    this.waiting = [];
    this.count = 0;
    this.list.replaceChildren();
    this.tell();
  }

  /** True if the execution has ended and no more lines will come. */
  ended(over: boolean): void {
    if (this.over === over) return;
    this.over = over;
    this.settled = false;
    if (over) setTimeout(() => this.settle(), SETTLES);
    this.tell();
  }

  private settle(): void {
    this.settled = this.over;
    this.tell();
  }

  add(line: LogLine): void {
    this.waiting.push(line);
    this.timer ??= setTimeout(() => this.flush(), EVERY);
  }

  /** Adds many lines at once, because a layout for each line would be too slow for a task that logs much. */
  private flush(): void {
    this.timer = null;
    const { box, list } = this;
    const follows = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    this.count += this.waiting.length;
    list.append(...this.waiting.slice(-MOST).map(line => this.item(line)));
    this.waiting = [];
    while (list.childElementCount > MOST) list.firstChild?.remove();
    if (follows) box.scrollTop = box.scrollHeight;
    this.tell();
  }

  private item(line: LogLine): HTMLElement {
    return h(
      "li",
      { "data-level": line.level, hidden: this.isBelow(line.level) },
      when(line.timestamp),
      h("span", { class: `level ${tone(line.level)}` }, line.level),
      h("span", { class: "from" }, line.taskId ?? "—"),
      h("span", { class: "text" }, line.message),
    );
  }

  private isBelow(level: string): boolean {
    return LEVELS.indexOf(level) < LEVELS.indexOf(this.least.value);
  }

  private sift(): void {
    for (const item of this.list.querySelectorAll("li"))
      item.hidden = this.isBelow(item.dataset["level"] ?? "");
    this.tell();
  }

  private tell(): void {
    const text = this.text();
    become(this.note, text);
    this.note.hidden = text === "";
    this.box.hidden = this.count === 0 && this.over;
  }

  private text(): string {
    const { count, over } = this;
    if (count === 0 && over && !this.settled) return "";
    const visible = this.list.querySelector("li:not([hidden])") !== null;
    return logNote({ count, most: MOST, visible, least: this.least.value, over });
  }
}
