// Writes a flow: a new one, or the next revision of one that is there.

import { api, path, statusOf } from "../api/client.ts";
import type { Finding, FlowWithSource } from "../api/types.ts";
import { confirmed, type Question } from "../parts/confirm.ts";
import { h } from "../parts/dom.ts";
import { messageOf, press, problem, say } from "../parts/feedback.ts";
import { findings } from "../parts/findings.ts";
import { at } from "../parts/links.ts";
import { nameText } from "../parts/name.ts";
import type { SourceEditor } from "../parts/source-editor.ts";
import type { PagePlace } from "./page.ts";

const BEGINNING = `id: my_flow
namespace: company.team

tasks:
  - id: hello
    type: io.kestra.plugin.core.log.Log
    message: Hello, World!
`;
const LEAVE: Question = {
  title: "Leave without saving?",
  text: "What you changed here is lost.",
  yes: "Leave",
  danger: true,
};
const OVERWRITE: Question = {
  title: "Save over the newer revision?",
  text: "Somebody saved this flow after you opened it. Their revision stays in the list of revisions, and yours becomes the latest.",
  yes: "Save over it",
  danger: true,
};
const YAML = { "Content-Type": "application/x-yaml" };

export async function newFlowPage(place: PagePlace): Promise<void> {
  await api("flows/search?size=1", { signal: place.signal }); // who is not signed in would only learn it after writing
  await new FlowEditor(place, null).open("New flow", BEGINNING);
}

export async function flowEditorPage(place: PagePlace, namespace: string, id: string): Promise<void> {
  const target = `flows/${path(namespace, id)}?source=true`;
  const stored = await api<FlowWithSource>(target, { signal: place.signal });
  await new FlowEditor(place, stored).open(`Edit ${namespace}.${id}`, stored.source);
}

class FlowEditor {
  private readonly place: PagePlace;
  private stored: FlowWithSource | null;
  private saved = "";
  private editor: SourceEditor | null = null;
  private readonly save = h("button", { type: "button", onclick: () => this.press() }, "Save");
  private readonly state = h("p", { class: "note", role: "status" });
  private readonly answer = h("div");
  private readonly wrong = h("div");

  constructor(place: PagePlace, stored: FlowWithSource | null) {
    this.place = place;
    this.stored = stored;
  }

  async open(title: string, source: string): Promise<void> {
    const { SourceEditor } = await import("../parts/source-editor.ts");
    if (this.place.signal.aborted) return;
    this.saved = source;
    this.editor = new SourceEditor(source, this.place.signal, {
      changed: () => this.changed(),
      checked: found => this.checked(found),
      save: () => this.press(),
    });
    this.place.signal.addEventListener("abort", () => this.close());
    addEventListener("beforeunload", this.warn);
    this.place.guard(async () => !this.unsaved || (await confirmed(LEAVE)));
    const name = this.stored ? h("h1", {}, "Edit ", nameText(this.stored.id)) : h("h1", {}, title);
    const back = this.stored
      ? h(
          "a",
          { class: "button quiet", href: at("flows", "edit", this.stored.namespace, this.stored.id) },
          "Back to the flow",
        )
      : null;
    this.place.show(
      title,
      h(
        "div",
        { class: "head" },
        h("div", {}, name, this.state),
        h("div", { class: "row" }, back, this.save),
      ),
      this.answer,
      h("section", { class: "card" }, this.editor.node),
      this.wrong,
    );
    this.changed();
    this.editor.focus();
  }

  private get unsaved(): boolean {
    return this.editor !== null && this.editor.text !== this.saved;
  }

  private readonly warn = (event: BeforeUnloadEvent): void => {
    if (this.unsaved) event.preventDefault();
  };

  private close(): void {
    removeEventListener("beforeunload", this.warn);
    this.editor?.close();
    this.editor = null;
  }

  private changed(): void {
    const revision = this.stored ? `Revision ${this.stored.revision}` : "Not saved yet";
    this.state.textContent = this.stored && this.unsaved ? `${revision}, changed since` : revision;
    this.save.disabled = this.stored !== null && !this.unsaved;
  }

  private checked(found: readonly Finding[] | Error): void {
    if (found instanceof Error)
      this.wrong.replaceChildren(problem(`The text was not checked. ${messageOf(found)}`));
    else this.wrong.replaceChildren(findings(found, ({ line, column }) => this.editor?.show(line, column)));
  }

  private press(): void {
    if (this.save.disabled) return;
    void press(this.save, this.answer, () => this.keep()).finally(() => this.changed());
  }

  private async keep(force = false): Promise<void> {
    if (!this.editor) return;
    const source = this.editor.text;
    let stored: FlowWithSource;
    try {
      stored = await this.send(source, force);
    } catch (error) {
      if (force || statusOf(error) !== 412 || !(await confirmed(OVERWRITE))) throw error;
      return this.keep(true);
    }
    const first = this.stored === null;
    this.stored = stored;
    this.saved = source;
    say(`Saved as revision ${stored.revision}.`);
    if (first) this.place.go(at("flows", "edit", stored.namespace, stored.id));
  }

  /** The server compares revisions, so nobody's work is lost unseen. */
  private send(source: string, force: boolean): Promise<FlowWithSource> {
    if (!this.stored) return api<FlowWithSource>("flows", { method: "POST", body: source, headers: YAML });
    const { namespace, id, revision } = this.stored;
    const headers = force ? YAML : { ...YAML, "If-Match": String(revision) };
    return api<FlowWithSource>(`flows/${path(namespace, id)}`, { method: "PUT", body: source, headers });
  }
}
