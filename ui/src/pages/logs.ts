// The log lines of all executions, newest first.

import { api } from "../api/client.ts";
import type { LogEntry, Page } from "../api/types.ts";
import { become, cell, h, type Row, tableRow } from "../parts/dom.ts";
import { executionLink, flowLink } from "../parts/links.ts";
import { LEVELS } from "../parts/logs.ts";
import { nameText } from "../parts/name.ts";
import { PagedTable } from "../parts/paged-table.ts";
import { searchForm } from "../parts/search.ts";
import { stateMark } from "../parts/states.ts";
import { when } from "../parts/time.ts";
import type { PagePlace } from "./page.ts";

const SIZE = 100;
const LEAST = "level";

export async function logsPage(place: PagePlace): Promise<void> {
  const list = lineTable(place.signal);
  await list.load();
  const levels = { name: LEAST, label: "Level", any: "all", values: LEVELS.slice(1) };
  const form = searchForm(place, "words, flow or namespace", levels);
  place.show(
    "Logs",
    h("div", { class: "head" }, h("h1", {}, "Logs"), form),
    h("section", { class: "card" }, list.node),
  );
}

function lineTable(signal: AbortSignal): PagedTable<LogEntry> {
  return new PagedTable({
    name: "Logs",
    head: ["Time", "Level", "Flow", "Task", "Message"],
    row: lineRow,
    empty: "No lines.",
    size: SIZE,
    async read(page) {
      const asked = new URLSearchParams(location.search);
      const query = new URLSearchParams({ size: String(SIZE), page: String(page), sort: "timestamp:desc" });
      const words = asked.get("q");
      const least = asked.get(LEAST);
      if (words) query.set("filters[q][EQUALS]", words);
      if (least) query.set("filters[level][EQUALS]", least);
      const { results, total } = await api<Page<LogEntry>>(`logs/search?${query}`, { signal });
      return { items: results.map((line, number) => [`${page} ${number}`, line]), total };
    },
  });
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
