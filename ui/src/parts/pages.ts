// Turns the pages of a list.

import { become, h } from "./dom.ts";

export class Pages {
  readonly node: HTMLElement;
  private readonly back: HTMLButtonElement;
  private readonly on: HTMLButtonElement;
  private readonly where = h("span");
  private page = 1;

  constructor(turn: (page: number) => void, back = "Newer", on = "Older") {
    this.back = h("button", { class: "quiet", type: "button", onclick: () => turn(this.page - 1) }, back);
    this.on = h("button", { class: "quiet", type: "button", onclick: () => turn(this.page + 1) }, on);
    this.node = h("div", { class: "pages" }, this.where, this.back, this.on);
  }

  show(page: number, shown: number, total: number, size: number): void {
    this.page = page;
    const first = (page - 1) * size;
    become(this.where, shown ? `${first + 1}–${first + shown} of ${total}` : `0 of ${total}`);
    this.back.disabled = page === 1;
    this.on.disabled = first + shown >= total;
    this.node.hidden = total <= size;
  }
}
