// Asks the worker for the places of all boxes.

import type { ElkNode } from "elkjs/lib/elk-api.js";
import { startWorker } from "../../api/worker.ts";
import type { Box, Line } from "../../model/graph.ts";
import address from "./layout.worker.ts?worker&url";

const OPTIONS = {
  "elk.algorithm": "layered",
  "elk.hierarchyHandling": "INCLUDE_CHILDREN",
  "elk.layered.spacing.nodeNodeBetweenLayers": "36",
  "elk.spacing.nodeNode": "24",
  "elk.layered.considerModelOrder.strategy": "NODES_AND_EDGES",
};
const INSIDE = {
  "elk.padding": "[top=44,left=24,bottom=24,right=24]",
  "elk.layered.spacing.nodeNodeBetweenLayers": "36",
  "elk.spacing.nodeNode": "24",
};

type Answer = { number: number; placed: ElkNode } | { number: number; error: string };

let worker: Worker | null = null;
let asked = 0;

/** `across` lays it out from left to right, not from top to bottom. */
export function layout(boxes: readonly Box[], lines: readonly Line[], across: boolean): Promise<ElkNode> {
  worker ??= startWorker(address);
  const own = worker;
  asked += 1;
  const number = asked;
  return new Promise((done, failed) => {
    const hear = ({ data }: MessageEvent<Answer>) => {
      if (data.number !== number) return;
      own.removeEventListener("message", hear);
      if ("placed" in data) done(data.placed);
      else failed(new Error(data.error));
    };
    own.addEventListener("message", hear);
    own.addEventListener("error", () => failed(new Error("The graph cannot be laid out.")), { once: true });
    own.postMessage({ number, graph: graphOf(boxes, lines, across) });
  });
}

const graphOf = (boxes: readonly Box[], lines: readonly Line[], across: boolean): ElkNode => ({
  id: "flow",
  layoutOptions: { ...OPTIONS, "elk.direction": across ? "RIGHT" : "DOWN" },
  children: boxes.map(nodeOf),
  edges: lines.map(({ id, source, target }) => ({ id, sources: [source], targets: [target] })),
});

function nodeOf({ id, width, height, children }: Box): ElkNode {
  if (!children.length) return { id, width, height };
  return { id, layoutOptions: INSIDE, children: children.map(nodeOf) };
}
