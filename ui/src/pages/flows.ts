// The list of flows, with the import of files.

import { api, path, post } from "../api/client.ts";
import type { Flow, LastExecution, Page } from "../api/types.ts";
import { become, cell, h, type Row, tableRow } from "../parts/dom.ts";
import { importer } from "../parts/importer.ts";
import { at, executionLink, flowLink } from "../parts/links.ts";
import { plainText } from "../parts/markdown.ts";
import { nameText } from "../parts/name.ts";
import { PagedTable } from "../parts/paged-table.ts";
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
  const list = flowTable(place.signal, q);
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

function flowTable(signal: AbortSignal, q: string): PagedTable<Item> {
  return new PagedTable({
    name: "Flows",
    head: ["Flow", "Namespace", "Last execution", "Description"],
    row: flowRow,
    empty: "No flows here. Write one, or import a YAML file above.",
    size: SIZE,
    turns: ["Previous", "Next"],
    async read(page) {
      const asked = { size: String(SIZE), page: String(page), sort: "namespace:asc,id:asc" };
      const query = new URLSearchParams(q ? { ...asked, q } : asked);
      const { results, total } = await api<Page<Flow>>(`flows/search?${query}`, { signal });
      const lasts = await lastOf(results, signal);
      return { items: results.map(flow => [keyOf(flow), { flow, last: lasts.get(keyOf(flow)) }]), total };
    },
  });
}

async function lastOf(flows: readonly Flow[], signal: AbortSignal): Promise<Map<string, LastExecution>> {
  if (!flows.length) return new Map();
  const named = flows.map(({ namespace, id }) => ({ namespace, id }));
  const last = await post<LastExecution[]>("executions/latest", named, signal);
  return new Map(last.map(each => [path(each.namespace, each.flowId), each]));
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
