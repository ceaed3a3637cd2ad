// The triggers of all flows: when they fire next, and whether they do.

import { api, ask } from "../api/client.ts";
import type { Page, TriggerItem, TriggerState } from "../api/types.ts";
import { become, cell, h, keyed, type Row, table, tableRow } from "../parts/dom.ts";
import { press, problem, say } from "../parts/feedback.ts";
import { executionLink, flowLink } from "../parts/links.ts";
import { nameText } from "../parts/name.ts";
import { Pages } from "../parts/pages.ts";
import { searchForm } from "../parts/search.ts";
import { when } from "../parts/time.ts";
import type { PagePlace } from "./page.ts";

const SIZE = 50;
const JSON_BODY = { "Content-Type": "application/json" };

export async function triggersPage(place: PagePlace): Promise<void> {
  const q = new URLSearchParams(location.search).get("q")?.trim() ?? "";
  const list = new TriggerList(place.signal, q);
  await list.load();
  place.show(
    "Triggers",
    h("div", { class: "head" }, h("h1", {}, "Triggers"), searchForm(place, "flow, trigger or namespace")),
    h("section", { class: "card" }, list.node),
  );
}

class TriggerList {
  readonly node: HTMLElement;
  private readonly signal: AbortSignal;
  private readonly q: string;
  private readonly rows: (items: readonly [string, TriggerItem][]) => void;
  private readonly table: HTMLElement;
  private readonly empty = h(
    "p",
    { class: "note" },
    "No triggers here. A flow that is saved with triggers brings them.",
  );
  private readonly trouble = h("div");
  private readonly pages: Pages;

  constructor(signal: AbortSignal, q: string) {
    this.signal = signal;
    this.q = q;
    const body = h("tbody");
    this.rows = keyed(body, () => triggerRow(signal));
    this.table = table("Triggers", ["Trigger", "Flow", "Type", "State", "Next", "Last", ""], body);
    const turn = (page: number) => {
      this.load(page).catch(error => this.trouble.replaceChildren(problem(error)));
    };
    this.pages = new Pages(turn, "Previous", "Next");
    this.node = h("div", {}, this.table, this.empty, this.pages.node, this.trouble);
  }

  async load(page = 1): Promise<void> {
    const query = new URLSearchParams({ size: String(SIZE), page: String(page) });
    if (this.q) query.set("q", this.q);
    const found = await api<Page<TriggerItem>>(`triggers/search?${query}`, { signal: this.signal });
    this.rows(found.results.map(each => [keyOf(each.state), each]));
    this.table.hidden = !found.total;
    this.empty.hidden = found.total > 0;
    this.pages.show(page, found.results.length, found.total, SIZE);
  }
}

const keyOf = (state: TriggerState): string =>
  JSON.stringify([state.namespace, state.flowId, state.triggerId]);

function triggerRow(signal: AbortSignal): Row<TriggerItem> {
  const id = cell("Trigger", "wide id");
  const flow = cell("Flow", "wide id");
  const type = cell("Type");
  const standing = cell("State", "status");
  const next = cell("Next");
  const last = cell("Last");
  const answer = h("div");
  const change = h("button", { class: "quiet", type: "button" });
  const free = h("button", { class: "quiet", type: "button" }, "Unlock");
  let state: TriggerState;
  const take = (now: TriggerState) => {
    state = now;
    const text = now.disabled ? "disabled" : now.locked ? "waits for its execution" : "enabled";
    become(standing, text, () => standingOf(now, text));
    become(next, (!now.disabled && now.nextExecutionDate) || "—", () =>
      momentOf(now.disabled ? undefined : now.nextExecutionDate),
    );
    become(last, now.lastTriggeredDate ?? "—", () => momentOf(now.lastTriggeredDate));
    become(change, now.disabled ? "Enable" : "Disable");
    free.hidden = !now.locked;
  };
  const named = () => ({ namespace: state.namespace, flowId: state.flowId, triggerId: state.triggerId });
  change.addEventListener("click", () => {
    void press(change, answer, async () => {
      const disabled = !state.disabled;
      const body = JSON.stringify({ ...named(), disabled });
      take(
        await api<TriggerState>("triggers/set-disabled", { method: "PUT", body, headers: JSON_BODY, signal }),
      );
      say(`${state.triggerId} is ${disabled ? "disabled" : "enabled"}`);
    });
  });
  free.addEventListener("click", () => {
    void press(free, answer, async () => {
      const body = JSON.stringify([named()]);
      await ask("triggers/unlock/by-triggers", { method: "POST", body, headers: JSON_BODY, signal });
      take({ ...state, locked: false });
    });
  });
  const buttons = h("div", { class: "row" }, change, free);
  return {
    node: tableRow(id, flow, type, standing, next, last, cell("", "", buttons, answer)),
    update(item) {
      become(id, item.state.triggerId, () => nameText(item.state.triggerId));
      const { namespace, flowId } = item.state;
      become(flow, `${namespace}.${flowId}`, () =>
        flowLink(namespace, flowId, nameText(`${namespace}.${flowId}`)),
      );
      become(type, item.trigger.type.split(".").at(-1) ?? "");
      take(item.state);
    },
  };
}

const momentOf = (text: string | undefined): Node | string => (text ? when(text) : "—");

function standingOf(state: TriggerState, text: string): HTMLElement {
  const { namespace, flowId, executionId } = state;
  if (!state.disabled && executionId) return executionLink({ namespace, flowId, id: executionId }, text);
  return h("span", { class: `state ${state.disabled ? "idle" : "good"}` }, text);
}
