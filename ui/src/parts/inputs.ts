// The form of a flow's inputs. The server says which are asked, what they are worth and what is wrong with them.

import { api } from "./api.js";
import { h } from "./dom.js";

const BOXES = new Set(["JSON", "YAML", "ARRAY"]);
const TYPES = { INT: "number", FLOAT: "number", DATE: "date", TIME: "time", DATETIME: "datetime-local", EMAIL: "email", SECRET: "password" };
const HINTS = { DURATION: "such as PT5M", ARRAY: "a JSON list", URI: "address" };

// Leaving a field for the button asks the server, whose answer may move the button: not while the pointer is down on it.
let released = Promise.resolve();
addEventListener("pointerdown", () => {
  released = new Promise(done => {
    for (const name of ["pointerup", "pointercancel"]) addEventListener(name, () => setTimeout(done), { once: true, capture: true });
  });
}, { capture: true });

export class InputForm {
  constructor(target, declared, signal) {
    this.target = target;
    this.signal = signal;
    this.fields = declared.map((input, number) => new Field(input, `input-${number}`, () => this.ask().catch(() => {})));
    this.nodes = declared.length ? this.fields.map(field => field.node) : [h("p", { class: "note" }, "This flow takes no inputs.")];
  }

  body() {
    const body = new FormData();
    for (const field of this.fields) if (!field.node.hidden && field.text !== "") body.append(field.id, field.text);
    return [...body.keys()].length ? body : undefined;
  }

  async load() {
    if (this.fields.length) await this.ask();
  }

  // False when something is wrong: it then stands beside its field, and the first of these has the focus.
  async check() {
    for (const field of this.fields) field.touched = true;
    if (this.fields.length) await this.ask();
    const wrong = this.fields.find(field => field.wrong && !field.node.hidden);
    wrong?.control.focus();
    return !wrong;
  }

  async ask() {
    const own = this.asked = (this.asked ?? 0) + 1;
    const answer = await api(`${this.target}/validate`, { method: "POST", body: this.body() ?? new FormData(), signal: this.signal });
    await released;
    if (own !== this.asked) return;
    const lines = new Map(answer.inputs.map(line => [line.input.id, line]));
    for (const field of this.fields) if (lines.has(field.id)) field.learn(lines.get(field.id));
  }
}

class Field {
  constructor(input, name, changed) {
    this.id = input.id;
    this.input = input;
    this.touched = this.wrong = false;
    const described = [`${name}-hint`, `${name}-wrong`].join(" ");
    this.control = control(input, { id: name, name: input.id, "aria-describedby": described, "aria-required": String(input.required && input.defaults == null) });
    this.control.addEventListener("change", () => { this.touched = true; changed(); });
    this.says = h("p", { class: "problem", id: `${name}-wrong`, role: "alert" });
    const hint = [input.description, input.type === "FILE" ? "Files cannot be given here." : null].filter(Boolean).join(" ");
    this.node = h("div", { class: "field" }, h("label", { for: name }, input.displayName ?? input.id),
      this.control, h("p", { class: "note", id: `${name}-hint` }, [input.type, HINTS[input.type], input.required ? null : "optional"].filter(Boolean).join(" · "),
        hint ? ` — ${hint}` : ""), this.says);
  }

  get text() {
    const { control } = this;
    if (control.multiple) return control.selectedOptions.length ? JSON.stringify([...control.selectedOptions].map(each => each.value)) : "";
    if (control.type === "datetime-local" && control.value) return new Date(control.value).toISOString();
    return control.value;
  }

  learn(line) {
    this.node.hidden = !line.enabled;
    if (line.isDefault && line.value != null && !this.touched && "placeholder" in this.control)
      this.control.placeholder = typeof line.value === "string" ? line.value : JSON.stringify(line.value);
    const errors = line.errors.map(error => error.message);
    this.wrong = errors.length > 0;
    const shown = this.touched ? errors.join("\n") : "";
    if (this.says.textContent !== shown) this.says.textContent = shown;
    this.control.setAttribute("aria-invalid", String(shown !== ""));
  }
}

// What is left empty is not sent, so that the flow's default holds.
function control(input, attributes) {
  const values = (input.values ?? input.options ?? []).map(each => each !== null && typeof each === "object" ? [each.value, each.label] : [each, each]);
  const fallback = input.defaults == null ? "" : `default: ${shown(input.defaults)}`;
  if (input.type === "FILE") return h("input", { ...attributes, type: "text", disabled: true });
  if (input.type === "BOOL" || input.type === "BOOLEAN") return choice([["true", "yes"], ["false", "no"]], fallback, attributes);
  if (input.type === "MULTISELECT" && values.length) return h("select", { ...attributes, multiple: true }, options(values));
  if (values.length && !input.allowCustomValue) return choice(values, fallback, attributes);
  const placeholder = input.defaults == null ? null : shown(input.defaults);
  if (BOXES.has(input.type)) return h("textarea", { ...attributes, placeholder });
  return h("input", { ...attributes, type: TYPES[input.type] ?? "text", step: input.type === "FLOAT" || input.type === "TIME" ? "any" : null, placeholder });
}
const choice = (values, fallback, attributes) => h("select", attributes, h("option", { value: "" }, fallback || "—"), options(values));
const options = values => values.map(([value, label]) => h("option", { value: String(value) }, String(label ?? value)));
const shown = value => typeof value === "string" ? value : JSON.stringify(value);
