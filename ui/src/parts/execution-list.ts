// A list of executions, newest first, kept up to date.

import { api, isAbort, statusOf } from "../api/client.ts";
import type { Execution, Page } from "../api/types.ts";
import type { PagePlace } from "../pages/page.ts";
import { become, cell, h, keyed, type Row, table, tableRow } from "./dom.ts";
import { problem } from "./feedback.ts";
import { executionLink, flowLink } from "./links.ts";
import { nameText } from "./name.ts";
import { Pages } from "./pages.ts";
import { stateMark } from "./states.ts";
import { lasted, span, when } from "./time.ts";

const SIZE = 25;
const EVERY = 2000;

export type Filter = readonly (readonly [string, string | null])[];

export class ExecutionList {
  readonly node: HTMLElement;
  private readonly place: PagePlace;
  private readonly filter: [string, string][];
  private readonly rows: (items: readonly [string, Execution][]) => void;
  private readonly table: HTMLElement;
  private readonly empty = h("p", { class: "note" }, "No executions.");
  private readonly trouble = h("div");
  private readonly pages: Pages;
  private page = 1;

  constructor(place: PagePlace, filter: Filter, ofOneFlow = false) {
    this.place = place;
    this.filter = filter.flatMap(([name, value]) => (value ? [[name, value]] : []));
    const body = h("tbody");
    this.rows = keyed(body, () => executionRow(ofOneFlow));
    const head = ["Execution", ...(ofOneFlow ? [] : ["Flow"]), "State", "Started", "Duration"];
    this.table = table("Executions", head, body);
    this.pages = new Pages(page => {
      this.page = page;
      this.load().catch(error => this.failed(error));
    });
    this.node = h("div", {}, this.table, this.empty, this.pages.node, this.trouble);
  }

  async load(): Promise<void> {
    const asked = { size: String(SIZE), page: String(this.page), sort: "state.startDate:desc" };
    const query = new URLSearchParams([...Object.entries(asked), ...this.filter]);
    const found = await api<Page<Execution>>(`executions/search?${query}`, { signal: this.place.signal });
    this.rows(found.results.map(each => [each.id, each]));
    this.table.hidden = !found.total;
    this.empty.hidden = found.total > 0;
    this.pages.show(this.page, found.results.length, found.total, SIZE);
    this.trouble.replaceChildren();
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
    else if (!isAbort(error)) this.trouble.replaceChildren(problem(error));
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
