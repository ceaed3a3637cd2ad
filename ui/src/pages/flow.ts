// One flow with its form, its executions and its source.

import { api, ask, path } from "../api/client.ts";
import type { Execution, FlowWithSource } from "../api/types.ts";
import { confirmed, type Question } from "../parts/confirm.ts";
import { h } from "../parts/dom.ts";
import { ExecutionList } from "../parts/execution-list.ts";
import { press, problem } from "../parts/feedback.ts";
import { InputForm } from "../parts/inputs.ts";
import { at } from "../parts/links.ts";
import { markdown } from "../parts/markdown.ts";
import { nameText } from "../parts/name.ts";
import type { PagePlace } from "./page.ts";

const REMOVE: Question = {
  title: "Delete this flow?",
  text: "Its triggers stop. Its executions stay, and its revisions can be restored.",
  yes: "Delete the flow",
  danger: true,
};

export async function flowPage(place: PagePlace, namespace: string, id: string): Promise<void> {
  const found = await api<FlowWithSource>(`flows/${path(namespace, id)}?source=true`, {
    signal: place.signal,
  });
  const filter = [
    ["filters[namespace][EQUALS]", namespace],
    ["filters[flowId][EQUALS]", id],
  ] as const;
  const list = new ExecutionList(place, filter, true);
  const inputs = new InputForm(`executions/${path(namespace, id)}`, found.inputs ?? [], place.signal);
  await Promise.all([list.load(), inputs.load()]);
  place.show(
    `${namespace}.${id}`,
    head(place, found),
    found.exception ? problem(found.exception) : null,
    h(
      "div",
      { class: "columns" },
      card("Execute", executeForm(place, found, inputs)),
      h("div", {}, card("Executions", list.node), card("Source", source(found.source))),
    ),
  );
  list.keep();
}

function head(place: PagePlace, flow: FlowWithSource): HTMLElement {
  const where = h("p", { class: "note" }, nameText(flow.namespace), ` · revision ${flow.revision}`);
  const description = flow.description ? markdown(flow.description) : null;
  const edit = h(
    "a",
    { class: "button", href: at("flows", "edit", flow.namespace, flow.id, "edit") },
    "Edit",
  );
  const named = h("div", {}, h("h1", {}, nameText(flow.id)), where, description);
  return h("div", { class: "head" }, named, h("div", { class: "row" }, edit, remover(place, flow)));
}

function remover(place: PagePlace, { namespace, id }: FlowWithSource): HTMLElement {
  const answer = h("div");
  const button = h("button", { class: "danger", type: "button" }, "Delete");
  const remove = async () => {
    if (!(await confirmed(REMOVE))) return;
    await ask(`flows/${path(namespace, id)}`, { method: "DELETE", signal: place.signal });
    place.go(at("flows"));
  };
  button.addEventListener("click", () => void press(button, answer, remove));
  return h("div", {}, button, answer);
}

const card = (title: string, content: Node): HTMLElement =>
  h("section", { class: "card" }, h("h2", {}, title), content);

const source = (text: string): HTMLElement =>
  h("pre", { class: "source", tabindex: 0, "aria-label": "Source" }, text);

function executeForm(place: PagePlace, flow: FlowWithSource, inputs: InputForm): HTMLElement {
  const { namespace, id, disabled } = flow;
  const button = h("button", { disabled }, "Execute");
  const answer = h("div");
  const execute = async () => {
    if (!(await inputs.check())) return;
    const options = { method: "POST", body: inputs.body() ?? null, signal: place.signal };
    const begun = await api<Execution>(`executions/${path(namespace, id)}`, options);
    place.go(at("executions", namespace, id, begun.id));
  };
  const submit = (event: Event) => {
    event.preventDefault();
    void press(button, answer, execute);
  };
  const note = disabled ? h("p", { class: "note" }, "This flow is disabled.") : null;
  return h(
    "form",
    { class: "fields", novalidate: true, onsubmit: submit },
    inputs.nodes,
    note,
    answer,
    button,
  );
}
