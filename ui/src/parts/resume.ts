// What a paused execution waits for: its inputs, and the button that lets it go on.

import { api, path } from "../api/client.ts";
import type { Execution, FlowInput } from "../api/types.ts";
import { h } from "./dom.ts";
import { press } from "./feedback.ts";
import { InputForm } from "./inputs.ts";

export class Resume {
  readonly node: HTMLElement = h("div");
  private readonly target: string;
  private readonly signal: AbortSignal;
  private readonly resumed: (now: Execution) => void;
  /** How many states the execution had when the form was made. A later pause asks for other things. */
  private of = 0;

  constructor(id: string, signal: AbortSignal, resumed: (now: Execution) => void) {
    this.target = `executions/${path(id)}/actions/resume`;
    this.signal = signal;
    this.resumed = resumed;
  }

  async take({ state }: Execution): Promise<void> {
    if (state.current !== "PAUSED") {
      this.of = 0;
      this.node.replaceChildren();
      return;
    }
    const of = state.histories.length;
    if (this.of === of) return;
    this.of = of;
    const form = await this.form();
    if (this.of === of) this.node.replaceChildren(form);
  }

  private async form(): Promise<HTMLElement> {
    const asked = { method: "POST", body: new FormData(), signal: this.signal };
    const { inputs } = await api<{ inputs: { input: FlowInput }[] }>(`${this.target}/validate`, asked);
    const declared = inputs.map(each => each.input);
    const fields = new InputForm(this.target, declared, this.signal, "It waits for nothing but this.");
    await fields.load();
    const button = h("button", {}, "Resume");
    const answer = h("div");
    const submit = (event: Event) => {
      event.preventDefault();
      void press(button, answer, async () => {
        if (!(await fields.check())) return;
        const options = { method: "POST", body: fields.body() ?? null, signal: this.signal };
        this.resumed(await api<Execution>(this.target, options));
      });
    };
    const attributes = { class: "fields", novalidate: true, onsubmit: submit };
    const body = h("form", attributes, fields.nodes, answer, button);
    return h("section", { class: "card" }, h("h2", {}, "Paused"), body);
  }
}
