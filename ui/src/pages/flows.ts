// The list of flows, with the import of files.

import { api, path, post } from "../api/client.ts";
import type { Flow, LastExecution, Page } from "../api/types.ts";
import { become, cell, h, keyed, type Row, table, tableRow } from "../parts/dom.ts";
import { problem } from "../parts/feedback.ts";
import { importer } from "../parts/importer.ts";
import { at, executionLink, flowLink } from "../parts/links.ts";
import { plainText } from "../parts/markdown.ts";
import { nameText } from "../parts/name.ts";
import { Pages } from "../parts/pages.ts";
import { searchForm } from "../parts/search.ts";
import { stateMark } from "../parts/states.ts";
import type { PagePlace } from "./page.ts";

const SIZE = 50;

interface Item {
  flow: Flow;
  last: LastExecution | undefined;
}

export async function flowsPage(place: PagePlace): Promise<void> {
  const q = new URLSearchParams(location.search).get("q")?.trim() ?? "";
  const list = new FlowList(place.signal, q);
  await list.load();
  const create = h("a", { class: "button", href: at("flows", "new") }, "New flow");
  place.show(
    "Flows",
    h(
      "div",
      { class: "head" },
      h("h1", {}, "Flows"),
      h("div", { class: "row" }, searchForm(place, "id or namespace"), create),
    ),
    importer(() => list.load()),
    h("section", { class: "card" }, list.node),
  );
}

class FlowList {
  readonly node: HTMLElement;
  private readonly signal: AbortSignal;
  private readonly q: string;
  private readonly rows: (items: readonly [string, Item][]) => void;
  private readonly table: HTMLElement;
  private readonly empty = h(
    "p",
    { class: "note" },
    "No flows here. Write one, or import a YAML file above.",
  );
  private readonly trouble = h("div");
  private readonly pages: Pages;

  constructor(signal: AbortSignal, q: string) {
    this.signal = signal;
    this.q = q;
    const body = h("tbody");
    this.rows = keyed(body, flowRow);
    this.table = table("Flows", ["Flow", "Namespace", "Last execution", "Description"], body);
    const turn = (page: number) => {
      this.load(page).catch(error => this.trouble.replaceChildren(problem(error)));
    };
    this.pages = new Pages(turn, "Previous", "Next");
    this.node = h("div", {}, this.table, this.empty, this.pages.node, this.trouble);
  }

  async load(page = 1): Promise<void> {
    const asked = { size: String(SIZE), page: String(page), sort: "namespace:asc,id:asc" };
    const query = new URLSearchParams(this.q ? { ...asked, q: this.q } : asked);
    const found = await api<Page<Flow>>(`flows/search?${query}`, { signal: this.signal });
    const lasts = await this.lasts(found.results);
    this.rows(found.results.map(flow => [keyOf(flow), { flow, last: lasts.get(keyOf(flow)) }]));
    this.table.hidden = !found.total;
    this.empty.hidden = found.total > 0;
    this.pages.show(page, found.results.length, found.total, SIZE);
  }

  private async lasts(flows: readonly Flow[]): Promise<Map<string, LastExecution>> {
    if (!flows.length) return new Map();
    const named = flows.map(({ namespace, id }) => ({ namespace, id }));
    const last = await post<LastExecution[]>("executions/latest", named, this.signal);
    return new Map(last.map(each => [path(each.namespace, each.flowId), each]));
  }
}

const keyOf = (flow: Flow): string => path(flow.namespace, flow.id);

function flowRow(): Row<Item> {
  const id = cell("Flow", "wide id");
  const namespace = cell("Namespace", "wide");
  const latest = cell("Last execution", "status");
  const description = cell("Description", "wide prose");
  return {
    node: tableRow(id, namespace, latest, description),
    update({ flow, last }) {
      become(id, flow.id, () => flowLink(flow.namespace, flow.id, nameText(flow.id)));
      become(namespace, flow.namespace, () => nameText(flow.namespace));
      if (last) become(latest, last.id + last.status, () => executionLink(last, stateMark(last.status)));
      become(description, (flow.disabled ? "Disabled. " : "") + plainText(flow.description ?? ""));
    },
  };
}
