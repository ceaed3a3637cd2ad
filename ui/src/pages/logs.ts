// The log lines of all executions, newest first.

import { api } from "../api/client.ts";
import type { LogEntry, Page } from "../api/types.ts";
import { become, cell, h, keyed, type Row, table, tableRow } from "../parts/dom.ts";
import { problem } from "../parts/feedback.ts";
import { executionLink, flowLink } from "../parts/links.ts";
import { LEVELS } from "../parts/logs.ts";
import { nameText } from "../parts/name.ts";
import { Pages } from "../parts/pages.ts";
import { searchForm } from "../parts/search.ts";
import { stateMark } from "../parts/states.ts";
import { when } from "../parts/time.ts";
import type { PagePlace } from "./page.ts";

const SIZE = 100;
const LEAST = "level";

export async function logsPage(place: PagePlace): Promise<void> {
  const list = new LineList(place.signal);
  await list.load();
  const levels = { name: LEAST, label: "Level", any: "all", values: LEVELS.slice(1).map(level => level) };
  const form = searchForm(place, "words, flow or namespace", levels);
  place.show(
    "Logs",
    h("div", { class: "head" }, h("h1", {}, "Logs"), form),
    h("section", { class: "card" }, list.node),
  );
}

class LineList {
  readonly node: HTMLElement;
  private readonly signal: AbortSignal;
  private readonly rows: (items: readonly [string, LogEntry][]) => void;
  private readonly table: HTMLElement;
  private readonly empty = h("p", { class: "note" }, "No lines.");
  private readonly trouble = h("div");
  private readonly pages: Pages;

  constructor(signal: AbortSignal) {
    this.signal = signal;
    const body = h("tbody");
    this.rows = keyed(body, lineRow);
    this.table = table("Logs", ["Time", "Level", "Flow", "Task", "Message"], body);
    this.pages = new Pages(page => {
      this.load(page).catch(error => this.trouble.replaceChildren(problem(error)));
    });
    this.node = h("div", {}, this.table, this.empty, this.pages.node, this.trouble);
  }

  async load(page = 1): Promise<void> {
    const asked = new URLSearchParams(location.search);
    const query = new URLSearchParams({ size: String(SIZE), page: String(page), sort: "timestamp:desc" });
    const words = asked.get("q");
    const least = asked.get(LEAST);
    if (words) query.set("filters[q][EQUALS]", words);
    if (least) query.set("filters[level][EQUALS]", least);
    const found = await api<Page<LogEntry>>(`logs/search?${query}`, { signal: this.signal });
    this.rows(found.results.map((line, number) => [`${page} ${number}`, line]));
    this.table.hidden = !found.total;
    this.empty.hidden = found.total > 0;
    this.pages.show(page, found.results.length, found.total, SIZE);
    this.trouble.replaceChildren();
  }
}

function lineRow(): Row<LogEntry> {
  const at = cell("Time");
  const level = cell("Level", "status");
  const flow = cell("Flow", "id");
  const task = cell("Task", "id");
  const message = cell("Message", "wide text");
  return {
    node: tableRow(at, level, flow, task, message),
    update(line) {
      const { namespace, flowId, executionId, timestamp } = line;
      become(at, timestamp + (executionId ?? ""), () => {
        const moment = when(timestamp);
        return executionId ? executionLink({ namespace, flowId, id: executionId }, moment) : moment;
      });
      become(level, line.level, () => stateMark(line.level));
      become(flow, `${namespace}.${flowId}`, () =>
        flowLink(namespace, flowId, nameText(`${namespace}.${flowId}`)),
      );
      become(task, line.taskId ?? line.triggerId ?? "—");
      become(message, line.message);
    },
  };
}
