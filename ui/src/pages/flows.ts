// The list of flows with the import of files; one flow with its form, its executions and its source.

import { api, path, post } from "./api.js";
import { at, become, executionLink, flowLink, h, keyed, press, problem, state, table } from "./dom.js";
import { ExecutionList, Pages } from "./executions.js";
import { InputForm } from "./inputs.js";

const SIZE = 50;

export async function flows(place) {
  const body = h("tbody"), trouble = h("div"), rows = keyed(body, row);
  const found = table("Flows", ["Flow", "Namespace", "Last execution", "Description"], body);
  const empty = h("p", { class: "note" }, "No flows here. Import a YAML file above.");
  const words = h("input", { id: "words", type: "search", value: new URLSearchParams(location.search).get("q"), placeholder: "id or namespace" });
  const pages = new Pages(page => load(page).catch(error => trouble.replaceChildren(problem(error)))).names("Previous", "Next");

  async function load(page = 1) {
    const query = new URLSearchParams([["size", SIZE], ["page", page], ["sort", "namespace:asc,id:asc"]]);
    if (words.value.trim()) query.set("q", words.value.trim());
    const { results, total } = await api(`flows/search?${query}`, { signal: place.signal });
    const last = results.length ? await post("executions/latest", results.map(({ namespace, id }) => ({ namespace, id })), place.signal) : [];
    const lasts = new Map(last.map(each => [path(each.namespace, each.flowId), each]));
    rows(results.map(each => [path(each.namespace, each.id), { ...each, last: lasts.get(path(each.namespace, each.id)) }]));
    found.hidden = !total;
    empty.hidden = total > 0;
    pages.show(page, results.length, total, SIZE);
  }
  const look = event => {
    event.preventDefault();
    place.go(location.pathname + (words.value.trim() ? `?${new URLSearchParams({ q: words.value.trim() })}` : ""));
  };
  await load();
  place.show("Flows",
    h("div", { class: "head" }, h("h1", {}, "Flows"), h("form", { class: "filters", role: "search", onsubmit: look },
      h("div", { class: "field" }, h("label", { for: "words" }, "Search"), words))),
    importer(() => load()),
    h("section", { class: "card" }, found, empty, pages.node, trouble));
}

function row() {
  const cells = [h("td", { class: "wide" }), h("td", { class: "wide" }), h("td"), h("td", { class: "wide" })];
  return {
    node: h("tr", {}, cells),
    update(each) {
      become(cells[0], each.id, () => flowLink(each.namespace, each.id, each.id));
      become(cells[1], each.namespace);
      const last = each.last;
      if (last) become(cells[2], last.id + last.status, () => executionLink(last, state(last.status)));
      become(cells[3], (each.disabled ? "Disabled. " : "") + (each.description ?? ""));
    },
  };
}

function importer(imported) {
  const files = h("input", { id: "files", type: "file", multiple: true, required: true, accept: ".yml,.yaml,.zip" });
  const button = h("button", {}, "Import"), answer = h("div", { role: "status" });
  const form = h("form", { class: "filters", onsubmit: event => {
    event.preventDefault();
    press(button, answer, async () => {
      for (const file of files.files) {
        const body = new FormData();
        body.append("fileUpload", file);
        try { await api("flows/import?failOnError=true", { method: "POST", body }); }
        catch (error) { error.message = `${file.name} was not imported. ${error.message}`; throw error; }
        finally { await imported(); }
      }
      answer.replaceChildren(h("p", { class: "done" }, `Imported ${[...files.files].map(file => file.name).join(", ")}.`));
      form.reset();
    });
  } }, h("div", { class: "field" }, h("label", { for: "files" }, "Import flows from YAML or zip files"), files), button);
  return h("section", { class: "card" }, form, answer);
}

export async function flow(place, namespace, id) {
  const found = await api(`flows/${path(namespace, id)}?source=true`, { signal: place.signal });
  const list = new ExecutionList(place, [["filters[namespace][EQUALS]", namespace], ["filters[flowId][EQUALS]", id]], true);
  const inputs = new InputForm(`executions/${path(namespace, id)}`, found.inputs ?? [], place.signal);
  await Promise.all([list.load(), inputs.load()]);
  const button = h("button", { disabled: found.disabled }, "Execute"), answer = h("div");
  const form = h("form", { class: "fields", novalidate: true, onsubmit: event => {
    event.preventDefault();
    press(button, answer, async () => {
      if (!await inputs.check()) return;
      const begun = await api(`executions/${path(namespace, id)}`, { method: "POST", body: inputs.body(), signal: place.signal });
      place.go(at("executions", namespace, id, begun.id));
    });
  } }, inputs.nodes, found.disabled ? h("p", { class: "note" }, "This flow is disabled.") : null, answer, button);
  place.show(`${namespace}.${id}`,
    h("div", { class: "head" }, h("div", {}, h("h1", {}, id),
      h("p", { class: "note" }, `${namespace} · revision ${found.revision}`), found.description ? h("p", { class: "note" }, found.description) : null)),
    found.exception ? problem(new Error(found.exception)) : null,
    h("div", { class: "columns" },
      h("section", { class: "card" }, h("h2", {}, "Execute"), form),
      h("div", {},
        h("section", { class: "card" }, h("h2", {}, "Executions"), list.node),
        h("section", { class: "card" }, h("h2", {}, "Source"), h("pre", { tabindex: 0, "aria-label": "Source" }, found.source)))));
  list.keep();
}
