// One input of a flow with its control, its hint and its error.

import type { FlowInput, InputLine } from "../api/types.ts";
import { type Attributes, h } from "./dom.ts";
import { inlineMarkdown } from "./markdown.ts";

/** A value and its text on the page. */
type Options = readonly (readonly [unknown, unknown])[];
type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

const BOXES: ReadonlySet<string> = new Set(["JSON", "YAML", "ARRAY"]);
const TYPES: Readonly<Record<string, string>> = {
  INT: "number",
  FLOAT: "number",
  DATE: "date",
  TIME: "time",
  DATETIME: "datetime-local",
  EMAIL: "email",
  SECRET: "password",
};
const HINTS: Readonly<Record<string, string>> = {
  DURATION: "such as PT5M",
  ARRAY: "a JSON list",
  URI: "address",
};

const YES_NO: Options = [
  ["true", "yes"],
  ["false", "no"],
];

export class InputField {
  readonly id: string;
  readonly node: HTMLElement;
  touched = false;
  wrong = false;
  private readonly control: Control;
  private readonly says: HTMLElement;

  constructor(input: FlowInput, name: string, changed: () => void) {
    this.id = input.id;
    this.control = control(input, {
      id: name,
      name: input.id,
      "aria-describedby": `${name}-hint ${name}-wrong`,
      "aria-required": String(input.required === true && input.defaults === undefined),
    });
    this.control.addEventListener("change", () => {
      this.touched = true;
      changed();
    });
    this.says = h("p", { class: "problem", id: `${name}-wrong`, role: "alert" });
    const label = h("label", { for: name }, input.displayName ?? input.id);
    this.node = h("div", { class: "field" }, label, this.control, hint(input, `${name}-hint`), this.says);
  }

  /** None if the field is empty. */
  get given(): string | File | null {
    const { control } = this;
    if (control instanceof HTMLInputElement && control.type === "file") return control.files?.[0] ?? null;
    return this.text || null;
  }

  private get text(): string {
    const { control } = this;
    if (control instanceof HTMLSelectElement && control.multiple) {
      const chosen = [...control.selectedOptions].map(each => each.value);
      return chosen.length ? JSON.stringify(chosen) : "";
    }
    if (control.type === "datetime-local" && control.value) return new Date(control.value).toISOString();
    return control.value;
  }

  focus(): void {
    this.control.focus();
  }

  learn(line: InputLine): void {
    this.node.hidden = !line.enabled;
    if (line.isDefault && line.value != null && !this.touched && "placeholder" in this.control)
      this.control.placeholder = shown(line.value);
    const errors = line.errors.map(error => error.message);
    this.wrong = errors.length > 0;
    const told = this.touched ? errors.join("\n") : "";
    if (this.says.textContent !== told) this.says.textContent = told;
    this.control.setAttribute("aria-invalid", String(told !== ""));
  }
}

function hint(input: FlowInput, id: string): HTMLElement {
  const kind = [input.type, HINTS[input.type], input.required ? null : "optional"]
    .filter(Boolean)
    .join(" · ");
  const more = inlineMarkdown(input.description ?? "");
  return h("p", { class: "note", id }, kind, more.length ? " — " : "", more);
}

/** Empty fields are not sent, so that the flow's default applies. */
function control(input: FlowInput, attributes: Attributes): Control {
  const values: Options = (input.values ?? input.options ?? []).map(each =>
    typeof each === "object" ? [each.value, each.label] : [each, each],
  );
  const given = input.defaults === undefined ? null : shown(input.defaults);
  const fallback = given === null ? "—" : `default: ${given}`;
  if (input.type === "FILE") {
    const accept = input.allowedFileExtensions?.join(",");
    return h("input", { ...attributes, type: "file", accept });
  }
  if (input.type === "BOOL" || input.type === "BOOLEAN") return choice(YES_NO, fallback, attributes);
  if (input.type === "MULTISELECT" && values.length)
    return h("select", { ...attributes, multiple: true }, options(values));
  if (values.length && !input.allowCustomValue) return choice(values, fallback, attributes);
  if (BOXES.has(input.type)) return h("textarea", { ...attributes, placeholder: given });
  const step = input.type === "FLOAT" || input.type === "TIME" ? "any" : null;
  return h("input", { ...attributes, type: TYPES[input.type] ?? "text", step, placeholder: given });
}

const choice = (values: Options, fallback: string, attributes: Attributes): HTMLSelectElement =>
  h("select", attributes, h("option", { value: "" }, fallback), options(values));

const options = (values: Options): HTMLElement[] =>
  values.map(([value, label]) => h("option", { value: String(value) }, String(label ?? value)));

const shown = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value));
