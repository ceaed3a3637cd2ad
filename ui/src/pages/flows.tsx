// All flows: how the last executions of each went, and when it runs next.

import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { api, path, post } from "../api/client.ts";
import type { Flow, LastExecution, Page as PageOf, TriggerItem } from "../api/types.ts";
import { plainText } from "../model/markdown.ts";
import { rowsOr } from "../model/settings.ts";
import { distanceText, momentText } from "../model/time.ts";
import { type Choosing, isChosen, RowChoice, useChoosing } from "../parts/choosing.tsx";
import { FLOW_ACTS } from "../parts/flow-acts.ts";
import { Importer } from "../parts/importer.tsx";
import { ExecutionLink, FlowLink } from "../parts/links.tsx";
import { List } from "../parts/list.tsx";
import { Name } from "../parts/name.tsx";
import { Card, Page } from "../parts/page.tsx";
import { Runs } from "../parts/runs.tsx";
import { SearchForm } from "../parts/search.tsx";
import { StateMark } from "../parts/state-mark.tsx";
import { Cell, Row } from "../parts/table.tsx";
import { flowsRoute } from "../routes.ts";

const USUAL = 50;
const RUNS = 14;
/** So many triggers of the flows on a page are asked for their next date. */
const TRIGGERS = 1000;

interface Item {
  flow: Flow;
  /** The newest first. */
  last: readonly LastExecution[];
  next: string | undefined;
}

const nameOf = ({ flow }: Item): string => path(flow.namespace, flow.id);

export function FlowsPage() {
  const { q, page } = flowsRoute.useSearch();
  const navigate = useNavigate({ from: flowsRoute.fullPath });
  const queries = useQueryClient();
  const choosing = useChoosing<Item>(nameOf);
  const look = (words: string | undefined) => void navigate({ search: { q: words } });
  return (
    <Page
      title="Flows"
      heading="Flows"
      actions={
        <>
          <SearchForm words={q} placeholder="id or namespace" look={look} />
          <Button
            leftSection={<Plus size={15} aria-hidden />}
            onClick={() => void navigate({ to: "/main/flows/new" })}
          >
            Create flow
          </Button>
        </>
      }
    >
      <Card>
        <List
          name="Flows"
          head={["Flow", "Namespace", "Last executions", "State", "Next", "Description"]}
          of={["flows", q]}
          read={(at, signal) => read(q, at, signal)}
          row={item => <FlowRow key={nameOf(item)} item={item} choosing={choosing} />}
          empty={q ? `No flow matches “${q}”.` : "No flows here. Create one, or import a YAML file below."}
          size={rowsOr(USUAL)}
          page={Number(page ?? 1)}
          turn={at => void navigate({ search: before => ({ ...before, page: String(at) }) })}
          words={["Previous", "Next"]}
          bulk={{
            choosing,
            thing: "flow",
            acts: FLOW_ACTS,
            filters: q ? new URLSearchParams({ q }).toString() : "",
            shownBy: "flows",
          }}
        />
      </Card>
      <Card>
        <Importer imported={() => queries.invalidateQueries({ queryKey: ["flows"] })} />
      </Card>
    </Page>
  );
}

async function read(q: string | undefined, page: number, signal: AbortSignal): Promise<PageOf<Item>> {
  const asked = { size: String(rowsOr(USUAL)), page: String(page), sort: "namespace:asc,id:asc" };
  const query = new URLSearchParams(q ? { ...asked, q } : asked);
  const { results, total } = await api<PageOf<Flow>>(`flows/search?${query}`, { signal });
  const [lasts, nexts] = await Promise.all([lastOf(results, signal), nextOf(results, signal)]);
  return {
    results: results.map(flow => {
      const key = path(flow.namespace, flow.id);
      return { flow, last: lasts.get(key) ?? [], next: nexts.get(key) };
    }),
    total,
  };
}

async function lastOf(flows: readonly Flow[], signal: AbortSignal): Promise<Map<string, LastExecution[]>> {
  const found = new Map<string, LastExecution[]>();
  if (!flows.length) return found;
  const named = flows.map(({ namespace, id }) => ({ namespace, id }));
  for (const each of await post<LastExecution[]>(`executions/latest?size=${RUNS}`, named, signal)) {
    const key = path(each.namespace, each.flowId);
    found.set(key, [...(found.get(key) ?? []), each]);
  }
  return found;
}

/** The earliest date of the triggers of each. */
async function nextOf(flows: readonly Flow[], signal: AbortSignal): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  if (!flows.length) return found;
  const query = new URLSearchParams({
    size: String(TRIGGERS),
    sort: "nextExecutionDate:asc",
    "filters[triggerState][EQUALS]": "ENABLED",
    "filters[flowId][IN]": flows.map(({ id }) => encodeURIComponent(id)).join(","),
  });
  const { results } = await api<PageOf<TriggerItem>>(`triggers/search?${query}`, { signal });
  for (const { state } of results) {
    const key = path(state.namespace, state.flowId);
    if (state.nextExecutionDate && !found.has(key)) found.set(key, state.nextExecutionDate);
  }
  return found;
}

function FlowRow({ item, choosing }: { item: Item; choosing: Choosing<Item> }) {
  const { flow, last, next } = item;
  const { namespace, id, disabled = false, description = "" } = flow;
  const [newest] = last;
  return (
    <Row className={isChosen(choosing, item) ? "chosen" : ""}>
      <Cell label="Flow" kind="wide id">
        <RowChoice of={choosing} item={item} name={`${namespace}.${id}`} />
        <FlowLink namespace={namespace} id={id} />
      </Cell>
      <Cell label="Namespace" kind="wide">
        <Name of={namespace} />
      </Cell>
      <Cell label="Last executions">
        <Runs namespace={namespace} id={id} of={last} />
      </Cell>
      <Cell label="State" kind="status">
        {newest ? (
          <ExecutionLink of={newest}>
            <StateMark name={newest.status} />
          </ExecutionLink>
        ) : null}
      </Cell>
      <Cell label="Next" kind="number">
        {next && !disabled ? (
          <span title={momentText(new Date(next))}>{distanceText(new Date(next))}</span>
        ) : null}
      </Cell>
      <Cell label="Description" kind="wide prose">
        {(disabled ? "Disabled. " : "") + plainText(description)}
      </Cell>
    </Row>
  );
}
