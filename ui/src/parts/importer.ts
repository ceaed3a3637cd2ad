// Imports flows from files, one after the other, and shows the results.

import { api } from "../api/client.ts";
import { h } from "./dom.ts";
import { messageOf, press } from "./feedback.ts";

export function importer(imported: () => Promise<void>): HTMLElement {
  const files = h("input", {
    id: "files",
    type: "file",
    multiple: true,
    required: true,
    accept: ".yml,.yaml,.zip",
  });
  const button = h("button", {}, "Import");
  const answer = h("div", { role: "status" });
  const work = async () => {
    const chosen = [...(files.files ?? [])];
    for (const file of chosen) await importOne(file).finally(imported);
    const names = chosen.map(file => file.name).join(", ");
    answer.replaceChildren(h("p", { class: "done" }, `Imported ${names}.`));
    form.reset();
  };
  const submit = (event: Event) => {
    event.preventDefault();
    void press(button, answer, work);
  };
  const label = h("label", { for: "files" }, "Import flows from YAML or zip files");
  const form = h(
    "form",
    { class: "filters", onsubmit: submit },
    h("div", { class: "field" }, label, files),
    button,
  );
  return h("section", { class: "card" }, form, answer);
}

async function importOne(file: File): Promise<void> {
  const body = new FormData();
  body.append("fileUpload", file);
  try {
    await api<unknown>("flows/import?failOnError=true", { method: "POST", body });
  } catch (error) {
    throw new Error(`${file.name} was not imported. ${messageOf(error)}`, { cause: error });
  }
}
