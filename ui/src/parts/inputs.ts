// The form of a flow's inputs. The server says which inputs to ask for, their values and their errors.

import { api } from "../api/client.ts";
import type { FlowInput, InputLine } from "../api/types.ts";
import { h } from "./dom.ts";
import { InputField } from "./input-field.ts";

// Leaving a field asks the server, and its answer may move the button. So it waits while the pointer is down on the button.
let released: Promise<void> = Promise.resolve();
const release = () =>
  new Promise<void>(done => {
    for (const name of ["pointerup", "pointercancel"])
      addEventListener(name, () => setTimeout(done), { once: true, capture: true });
  });
addEventListener("pointerdown", () => (released = release()), { capture: true });

export class InputForm {
  readonly nodes: readonly HTMLElement[];
  private readonly target: string;
  private readonly signal: AbortSignal;
  private readonly fields: readonly InputField[];
  private asked = 0;

  /** Inputs go to `target`, and are checked at `target/validate`. */
  constructor(
    target: string,
    declared: readonly FlowInput[],
    signal: AbortSignal,
    nothing = "This flow takes no inputs.",
  ) {
    this.target = target;
    this.signal = signal;
    const changed = () => void this.ask().catch(() => {});
    this.fields = declared.map((input, number) => new InputField(input, `input-${number}`, changed));
    const none = h("p", { class: "note" }, nothing);
    this.nodes = this.fields.length ? this.fields.map(field => field.node) : [none];
  }

  /** Files are checked by their names. Their content is sent once, at the end. */
  body(checked = false): FormData | undefined {
    const given = this.fields.filter(field => !field.node.hidden && field.given !== null);
    if (!given.length) return undefined;
    const body = new FormData();
    for (const { id, given: value } of given)
      if (value instanceof File) body.append(id, checked ? new File(["x"], value.name) : value);
      else if (value !== null) body.append(id, value);
    return body;
  }

  async load(): Promise<void> {
    if (this.fields.length) await this.ask();
  }

  /** False if a value is wrong. The error is then beside its field, and the first such field has the focus. */
  async check(): Promise<boolean> {
    for (const field of this.fields) field.touched = true;
    await this.load();
    const wrong = this.fields.find(field => field.wrong && !field.node.hidden);
    wrong?.focus();
    return !wrong;
  }

  private async ask(): Promise<void> {
    this.asked += 1;
    const own = this.asked;
    const options = { method: "POST", body: this.body(true) ?? new FormData(), signal: this.signal };
    const answer = await api<{ inputs: InputLine[] }>(`${this.target}/validate`, options);
    await released;
    if (own !== this.asked) return;
    const lines = new Map(answer.inputs.map(line => [line.input.id, line]));
    for (const field of this.fields) {
      const line = lines.get(field.id);
      if (line) field.learn(line);
    }
  }
}
