// The inputs that a person gives. The server says which inputs to ask for, their values and their errors.

import { api } from "../api/client.ts";
import type { FlowInput, InputLine } from "../api/types.ts";

export type Given = string | readonly string[] | File;

export interface FieldView {
  readonly input: FlowInput;
  readonly given: Given | undefined;
  /** False if the server says that it is not asked for now. */
  readonly asked: boolean;
  /** What the flow takes if nothing is given. */
  readonly fallback: string | undefined;
  readonly error: string;
  readonly touched: boolean;
}

export class InputForm {
  /** Inputs go to this address, and are checked at `validate` below it. */
  readonly target: string;
  private fields: readonly FieldView[];
  private number = 0;
  private readonly listeners = new Set<() => void>();

  constructor(target: string, declared: readonly FlowInput[]) {
    this.target = target;
    this.fields = declared.map(input => ({
      input,
      given: undefined,
      asked: true,
      fallback: input.defaults === undefined ? undefined : shown(input.defaults),
      error: "",
      touched: false,
    }));
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly now = (): readonly FieldView[] => this.fields;

  give(id: string, given: Given): void {
    this.change(id, { given });
  }

  /** The person has left the field, so its error may be told. */
  leave(id: string): void {
    this.change(id, { touched: true });
    void this.ask().catch(() => {}); // sending it says what is wrong, too
  }

  /** Files are checked by their names. Their content is sent once, at the end. */
  body(checked = false): FormData | undefined {
    const given = this.fields.filter(field => field.asked && isGiven(field.given));
    if (!given.length) return undefined;
    const body = new FormData();
    for (const { input, given: value } of given) {
      if (value instanceof File) body.append(input.id, checked ? new File(["x"], value.name) : value);
      else body.append(input.id, textOf(input, value ?? ""));
    }
    return body;
  }

  async load(): Promise<void> {
    if (this.fields.length) await this.ask();
  }

  /** The first field whose value is wrong. Its error is then beside it. */
  async check(): Promise<string | null> {
    this.fields = this.fields.map(field => ({ ...field, touched: true }));
    await this.load();
    return this.fields.find(field => field.error && field.asked)?.input.id ?? null;
  }

  private async ask(): Promise<void> {
    this.number += 1;
    const own = this.number;
    const options = { method: "POST", body: this.body(true) ?? new FormData() };
    const { inputs } = await api<{ inputs: InputLine[] }>(`${this.target}/validate`, options);
    await released;
    if (own !== this.number) return;
    const lines = new Map(inputs.map(line => [line.input.id, line]));
    this.fields = this.fields.map(field => learn(field, lines.get(field.input.id)));
    this.tell();
  }

  private change(id: string, change: Partial<FieldView>): void {
    this.fields = this.fields.map(field => (field.input.id === id ? { ...field, ...change } : field));
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

function learn(field: FieldView, line: InputLine | undefined): FieldView {
  if (!line) return field;
  const learnt = line.isDefault && line.value != null && !field.touched;
  return {
    ...field,
    asked: line.enabled,
    fallback: learnt ? shown(line.value) : field.fallback,
    error: line.errors.map(error => error.message).join("\n"),
  };
}

const isGiven = (given: Given | undefined): given is Given =>
  given instanceof File || (given !== undefined && given.length > 0);

function textOf(input: FlowInput, given: string | readonly string[]): string {
  if (typeof given !== "string") return JSON.stringify(given);
  return input.type === "DATETIME" ? new Date(given).toISOString() : given;
}

export const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));

// Leaving a field asks the server, and its answer may move the button. So it waits while the pointer is down on the button.
let released: Promise<void> = Promise.resolve();
const release = () =>
  new Promise<void>(done => {
    for (const name of ["pointerup", "pointercancel"])
      addEventListener(name, () => setTimeout(done), { once: true, capture: true });
  });
globalThis.document?.addEventListener("pointerdown", () => (released = release()), { capture: true });
