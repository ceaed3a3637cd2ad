// The graph of a flow, for the eye as a picture, and for those who listen as a list.

import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useMemo } from "react";
import { api, path } from "../api/client.ts";
import type { FlowGraph, TaskRun } from "../api/types.ts";
import { progressOf } from "../model/graph.ts";
import { ENDED } from "../model/states.ts";
import { Card, Loaded, Loading } from "./page.tsx";

const Canvas = lazy(() => import("./graph/canvas.tsx"));
const NO_RUNS: readonly TaskRun[] = [];

interface TopologyProps {
  namespace: string;
  id: string;
  revision: number;
  runs?: readonly TaskRun[];
}

export function Topology({ namespace, id, revision, runs = NO_RUNS }: TopologyProps) {
  const graph = useQuery({
    queryKey: ["graph", namespace, id, revision],
    queryFn: ({ signal }) =>
      api<FlowGraph>(`flows/${path(namespace, id)}/graph?revision=${revision}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const progress = useMemo(() => progressOf(runs, ENDED), [runs]);
  return (
    <Card>
      <Loaded of={graph}>
        {found => (
          <>
            <Suspense fallback={<Loading />}>
              <Canvas graph={found} progress={progress} />
            </Suspense>
            <ul className="unseen" aria-label="Tasks of the graph">
              {found.nodes.flatMap(({ uid, task }) =>
                task ? (
                  <li key={uid}>{[task.id, progress.get(task.id)?.state].filter(Boolean).join(": ")}</li>
                ) : (
                  []
                ),
              )}
            </ul>
          </>
        )}
      </Loaded>
    </Card>
  );
}
