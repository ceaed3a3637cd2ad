// All flows, with the last execution of each.

import { Button } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { api, path, post } from "../api/client.ts";
import type { Flow, LastExecution, Page as PageOf } from "../api/types.ts";
import { plainText } from "../model/markdown.ts";
import { Importer } from "../parts/importer.tsx";
import { ExecutionLink, FlowLink } from "../parts/links.tsx";
import { List } from "../parts/list.tsx";
import { Name } from "../parts/name.tsx";
import { Card, Page } from "../parts/page.tsx";
import { SearchForm } from "../parts/search.tsx";
import { StateMark } from "../parts/state-mark.tsx";
import { Cell, Row } from "../parts/table.tsx";
import { flowsRoute } from "../routes.ts";

const SIZE = 50;

interface Item {
  flow: Flow;
  last: LastExecution | undefined;
}

export function FlowsPage() {
  const { q, page } = flowsRoute.useSearch();
  const navigate = useNavigate({ from: flowsRoute.fullPath });
  const queries = useQueryClient();
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
          head={["Flow", "Namespace", "Last execution", "Description"]}
          of={["flows", q]}
          read={(at, signal) => read(q, at, signal)}
          row={item => <FlowRow key={path(item.flow.namespace, item.flow.id)} {...item} />}
          empty={q ? `No flow matches “${q}”.` : "No flows here. Create one, or import a YAML file below."}
          size={SIZE}
          page={Number(page ?? 1)}
          turn={at => void navigate({ search: before => ({ ...before, page: String(at) }) })}
          words={["Previous", "Next"]}
        />
      </Card>
      <Card>
        <Importer imported={() => queries.invalidateQueries({ queryKey: ["flows"] })} />
      </Card>
    </Page>
  );
}

async function read(q: string | undefined, page: number, signal: AbortSignal): Promise<PageOf<Item>> {
  const asked = { size: String(SIZE), page: String(page), sort: "namespace:asc,id:asc" };
  const query = new URLSearchParams(q ? { ...asked, q } : asked);
  const { results, total } = await api<PageOf<Flow>>(`flows/search?${query}`, { signal });
  const lasts = await lastOf(results, signal);
  return { results: results.map(flow => ({ flow, last: lasts.get(path(flow.namespace, flow.id)) })), total };
}

async function lastOf(flows: readonly Flow[], signal: AbortSignal): Promise<Map<string, LastExecution>> {
  if (!flows.length) return new Map();
  const named = flows.map(({ namespace, id }) => ({ namespace, id }));
  const last = await post<LastExecution[]>("executions/latest", named, signal);
  return new Map(last.map(each => [path(each.namespace, each.flowId), each]));
}

function FlowRow({ flow, last }: Item) {
  const { namespace, id, disabled, description = "" } = flow;
  return (
    <Row>
      <Cell label="Flow" kind="wide id">
        <FlowLink namespace={namespace} id={id} />
      </Cell>
      <Cell label="Namespace" kind="wide">
        <Name of={namespace} />
      </Cell>
      <Cell label="Last execution" kind="status">
        {last ? (
          <ExecutionLink of={last}>
            <StateMark name={last.status} />
          </ExecutionLink>
        ) : null}
      </Cell>
      <Cell label="Description" kind="wide prose">
        {(disabled ? "Disabled. " : "") + plainText(description)}
      </Cell>
    </Row>
  );
}
