// Which flows start this one, and which ones it starts: as a graph, and as a list with links.

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import { api, path } from "../api/client.ts";
import type { Dependencies, Flow, FlowGraph } from "../api/types.ts";
import { FlowLink } from "../parts/links.tsx";
import { Name } from "../parts/name.tsx";
import { Card, Empty, Loaded, Loading } from "../parts/page.tsx";
import { Cell, Row, Table } from "../parts/table.tsx";

const Canvas = lazy(() => import("../parts/graph/canvas.tsx"));
const NOTHING_RUNS = new Map<string, never>();
const HOW = { FLOW_TASK: "as a subflow", FLOW_TRIGGER: "by a trigger" } as const;

export function FlowDependencies({ flow: { namespace, id } }: { flow: Flow }) {
  const found = useQuery({
    queryKey: ["dependencies", namespace, id],
    queryFn: ({ signal }) =>
      api<Dependencies>(`flows/${path(namespace, id)}/dependencies?expandAll=true`, { signal }),
  });
  return (
    <Loaded of={found}>
      {dependencies =>
        dependencies.edges.length ? (
          <Shown of={dependencies} />
        ) : (
          <Card>
            <Empty>
              No flow starts this one, and it starts no other. A task of type Subflow or a trigger of type
              Flow connects flows.
            </Empty>
          </Card>
        )
      }
    </Loaded>
  );
}

function Shown({ of: { nodes, edges } }: { of: Dependencies }) {
  const graph = useMemo<FlowGraph>(
    () => ({
      nodes: nodes.map(({ uid, namespace, id }) => ({ uid, task: { id, type: namespace } })),
      edges: edges.map(({ source, target, relation }) => ({
        source,
        target,
        relation: { value: HOW[relation] },
      })),
      clusters: [],
    }),
    [nodes, edges],
  );
  const byId = new Map(nodes.map(node => [node.uid, node]));
  return (
    <>
      <Card title="Which flow starts which">
        <Suspense fallback={<Loading />}>
          <Canvas graph={graph} progress={NOTHING_RUNS} />
        </Suspense>
      </Card>
      <Card title="The same as a list">
        <Table name="Dependencies" head={["Flow", "Starts", "How"]}>
          {edges.map(({ source, target, relation }) => (
            <Row key={`${source} ${target} ${relation}`}>
              <Cell label="Flow" kind="wide id">
                <Linked node={byId.get(source)} />
              </Cell>
              <Cell label="Starts" kind="wide">
                <Linked node={byId.get(target)} />
              </Cell>
              <Cell label="How">{HOW[relation]}</Cell>
            </Row>
          ))}
        </Table>
      </Card>
    </>
  );
}

function Linked({ node }: { node: Dependencies["nodes"][number] | undefined }) {
  if (!node) return null;
  return (
    <FlowLink namespace={node.namespace} id={node.id}>
      <Name of={`${node.namespace}.${node.id}`} />
    </FlowLink>
  );
}
