// The triggers of all flows: when they fire next, and whether they do.

import { api, post, put } from "../api/client.ts";
import type { Page, TriggerItem, TriggerState } from "../api/types.ts";
import { become, cell, h, type Row, tableRow } from "../parts/dom.ts";
import { press, say } from "../parts/feedback.ts";
import { executionLink, flowLink } from "../parts/links.ts";
import { nameText } from "../parts/name.ts";
import { PagedTable } from "../parts/paged-table.ts";
import { searchForm } from "../parts/search.ts";
import { when } from "../parts/time.ts";
import type { PagePlace } from "./page.ts";

const SIZE = 50;

export async function triggersPage(place: PagePlace): Promise<void> {
  const q = new URLSearchParams(location.search).get("q")?.trim() ?? "";
  const list = triggerTable(place.signal, q);
  await list.load();
  place.show(
    "Triggers",
    h("div", { class: "head" }, h("h1", {}, "Triggers"), searchForm(place, "flow, trigger or namespace")),
    h("section", { class: "card" }, list.node),
  );
}

function triggerTable(signal: AbortSignal, q: string): PagedTable<TriggerItem> {
  return new PagedTable({
    name: "Triggers",
    head: ["Trigger", "Flow", "Type", "State", "Next", "Last", ""],
    row: () => triggerRow(signal),
    empty: "No triggers here. A flow that is saved with triggers brings them.",
    size: SIZE,
    turns: ["Previous", "Next"],
    async read(page) {
      const query = new URLSearchParams({ size: String(SIZE), page: String(page) });
      if (q) query.set("q", q);
      const { results, total } = await api<Page<TriggerItem>>(`triggers/search?${query}`, { signal });
      return { items: results.map(each => [keyOf(each.state), each]), total };
    },
  });
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
      take(await put<TriggerState>("triggers/set-disabled", { ...named(), disabled }, signal));
      say(`${state.triggerId} is ${disabled ? "disabled" : "enabled"}`);
    });
  });
  free.addEventListener("click", () => {
    void press(free, answer, async () => {
      await post("triggers/unlock/by-triggers", [named()], signal);
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
