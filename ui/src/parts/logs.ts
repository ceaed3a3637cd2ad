// Log lines as they come, the newest in view while the reader is at the end.

import { become, h, tone } from "./dom.js";

const LEVELS = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"], MOST = 5000, EVERY = 50, NEAR = 24;

export class Logs {
  constructor() {
    this.list = h("ol");
    this.box = h("div", { class: "log mono", role: "log", "aria-live": "off", "aria-label": "Logs", tabindex: 0 }, this.list);
    this.least = h("select", { id: "level", onchange: () => this.sift() }, LEVELS.map(level => h("option", {}, level)));
    this.note = h("p", { class: "note" });
    this.node = h("div", {}, h("div", { class: "head" }, h("h2", {}, "Logs"),
      h("div", { class: "filters" }, h("div", { class: "row" }, h("label", { for: "level" }, "From level"), this.least))), this.note, this.box);
    this.waiting = [];
    this.count = 0;
  }

  clear() {
    this.waiting = [];
    this.count = 0;
    this.list.replaceChildren();
    this.tell();
  }

  add(line) {
    this.waiting.push(line);
    this.timer ??= setTimeout(() => this.flush(), EVERY);
  }

  // Many at once: a page that lays itself out for each line cannot keep up with a talkative task.
  flush() {
    this.timer = null;
    const { box, list } = this, follows = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR;
    this.count += this.waiting.length;
    list.append(...this.waiting.slice(-MOST).map(line => this.item(line)));
    this.waiting = [];
    while (list.childElementCount > MOST) list.firstChild.remove();
    if (follows) box.scrollTop = box.scrollHeight;
    this.tell();
  }

  item(line) {
    const item = h("li", { "data-level": line.level, hidden: this.below(line.level) },
      h("time", { datetime: line.timestamp, title: line.timestamp }, new Date(line.timestamp).toLocaleTimeString([], { hour12: false })),
      h("span", { class: `level ${tone(line.level)}` }, line.level), h("span", { class: "from" }, line.taskId ?? "—"),
      h("span", { class: "text" }, line.message));
    return item;
  }

  below(level) { return LEVELS.indexOf(level) < LEVELS.indexOf(this.least.value); }
  sift() { for (const item of this.list.children) item.hidden = this.below(item.dataset.level); }
  tell() {
    const { count } = this;
    become(this.note, count > MOST ? `The last ${MOST} of ${count} lines.` : count ? "" : "No lines yet.");
    this.note.hidden = count > 0 && count <= MOST;
  }
}
