// The inputs that a person gives. The server says which inputs to ask for, their values and their errors.

import { api } from "../api/client.ts";
import type { FlowInput, InputLine } from "../api/types.ts";
import { instantOf, localText } from "./time.ts";

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

/** The server shows neither, and the browser keeps neither. */
const UNKEPT: ReadonlySet<string> = new Set(["SECRET", "FILE"]);

interface Beginning {
  /** Those of an earlier time. */
  values?: Readonly<Record<string, unknown>> | undefined;
  /** Of the flow, if it is not the latest. */
  revision?: string | undefined;
}

export class InputForm {
  /** Inputs go to this address, and are checked at `validate` below it. */
  readonly target: string;
  private readonly checks: string;
  private fields: readonly FieldView[];
  private number = 0;
  private readonly listeners = new Set<() => void>();

  constructor(target: string, declared: readonly FlowInput[], { values = {}, revision }: Beginning = {}) {
    this.target = target;
    this.checks = `${target}/validate${revision ? `?revision=${revision}` : ""}`;
    this.fields = declared.map(input => ({
      input,
      given: givenOf(input, values[input.id]),
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
    // An error that is shown before the answer is that of the value before, and moves what is being clicked.
    const show = () => this.change(id, { touched: true });
    void this.ask().then(show, show); // sending it says what is wrong, too
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

  /** What is given, as texts, without files. `masked` hides secrets. */
  texts(masked = false): Record<string, string> {
    return Object.fromEntries(
      this.fields.flatMap(({ asked, input, given }) => {
        if (!asked || !isGiven(given) || given instanceof File) return [];
        return [[input.id, masked && input.type === "SECRET" ? "…" : textOf(input, given)]];
      }),
    );
  }

  /** What is given, as JSON has it. Secrets are given, but never kept. */
  kept(): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(this.texts()).flatMap(([id, text]) => {
        const type = this.typeOf(id);
        return type === "SECRET" ? [] : [[id, readAs(type, text)]];
      }),
    );
  }

  /** Gives these values, and no others. Files and secrets stay as they are. */
  fill(values: Readonly<Record<string, unknown>>): void {
    this.fields = this.fields.map(field =>
      UNKEPT.has(field.input.type)
        ? field
        : { ...field, given: givenOf(field.input, values[field.input.id]) },
    );
    this.tell();
    void this.load().catch(() => {}); // sending it says what is wrong, too
  }

  private typeOf(id: string): string {
    return this.fields.find(field => field.input.id === id)?.input.type ?? "";
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
    const { inputs } = await api<{ inputs: InputLine[] }>(this.checks, options);
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

const READ: ReadonlySet<string> = new Set([
  "INT",
  "FLOAT",
  "BOOL",
  "BOOLEAN",
  "JSON",
  "ARRAY",
  "MULTISELECT",
]);

/** A text that is no JSON yet stays as it is. */
function readAs(type: string, text: string): unknown {
  if (!READ.has(type)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** A value that the server told, as a person would have given it. */
function givenOf({ type }: FlowInput, value: unknown): Given | undefined {
  if (value === undefined || value === null || UNKEPT.has(type)) return undefined;
  if (type === "MULTISELECT" && Array.isArray(value)) return value.map(String);
  return type === "DATETIME" && typeof value === "string" ? localText(new Date(value)) : shown(value);
}

const isGiven = (given: Given | undefined): given is Given =>
  given instanceof File || (given !== undefined && given.length > 0);

function textOf(input: FlowInput, given: string | readonly string[]): string {
  if (typeof given !== "string") return JSON.stringify(given);
  return input.type === "DATETIME" ? instantOf(given).toISOString() : given;
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
