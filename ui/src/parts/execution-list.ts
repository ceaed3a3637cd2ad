// A list of executions, newest first, kept up to date.

import { api, isAbort, statusOf } from "../api/client.ts";
import type { Execution, Page } from "../api/types.ts";
import type { PagePlace } from "../pages/page.ts";
import { become, cell, type Row, tableRow } from "./dom.ts";
import { executionLink, flowLink } from "./links.ts";
import { nameText } from "./name.ts";
import { PagedTable } from "./paged-table.ts";
import { stateMark } from "./states.ts";
import { lasted, span, when } from "./time.ts";

const SIZE = 25;
const EVERY = 2000;

export type Filter = readonly (readonly [string, string | null])[];

export class ExecutionList {
  readonly node: HTMLElement;
  private readonly place: PagePlace;
  private readonly table: PagedTable<Execution>;

  constructor(place: PagePlace, filter: Filter, ofOneFlow = false) {
    this.place = place;
    const narrowed = filter.flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : []));
    this.table = new PagedTable({
      name: "Executions",
      head: ["Execution", ...(ofOneFlow ? [] : ["Flow"]), "State", "Started", "Duration"],
      row: () => executionRow(ofOneFlow),
      empty: "No executions.",
      size: SIZE,
      async read(page) {
        const asked = { size: String(SIZE), page: String(page), sort: "state.startDate:desc" };
        const query = new URLSearchParams([...Object.entries(asked), ...narrowed]);
        const { signal } = place;
        const { results, total } = await api<Page<Execution>>(`executions/search?${query}`, { signal });
        return { items: results.map(each => [each.id, each]), total };
      },
      failed: error => this.failed(error),
    });
    this.node = this.table.node;
  }

  load(): Promise<void> {
    return this.table.reload();
  }

  /** Sends no requests while the page is hidden. */
  keep(): void {
    const timer = setInterval(() => {
      if (this.place.signal.aborted) clearInterval(timer);
      else if (!document.hidden) this.load().catch(error => this.failed(error));
    }, EVERY);
  }

  private failed(error: unknown): void {
    if (statusOf(error) === 401) this.place.failed(error);
    else if (!isAbort(error)) this.table.tell(error);
  }
}

function executionRow(ofOneFlow: boolean): Row<Execution> {
  const id = cell("Execution", "mono id");
  const flow = cell("Flow", "wide");
  const state = cell("State", "status");
  const started = cell("Started", "number");
  const duration = cell("Duration", "number");
  return {
    node: tableRow(id, ofOneFlow ? null : flow, state, started, duration),
    update(each) {
      const name = `${each.namespace}.${each.flowId}`;
      become(id, each.id, () => executionLink(each, each.id));
      become(flow, name, () => flowLink(each.namespace, each.flowId, nameText(name)));
      become(state, each.state.current, () => stateMark(each.state.current));
      become(started, each.state.startDate, () => when(each.state.startDate));
      become(duration, lasted(span(each.state)));
    },
  };
}
