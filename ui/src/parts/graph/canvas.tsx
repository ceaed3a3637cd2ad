// The graph of a flow on a canvas. It is large: load it where it is shown.

import {
  Background,
  Controls,
  type Edge,
  Handle,
  MarkerType,
  MiniMap,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import "./graph.css";
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import type { ElkNode } from "elkjs/lib/elk-api.js";
import { useMemo } from "react";
import type { FlowGraph } from "../../api/types.ts";
import { type Box, boxesOf, type Line, type Progress } from "../../model/graph.ts";
import { tone } from "../../model/states.ts";
import { Problem } from "../act.tsx";
import { Loading } from "../page.tsx";
import { StateMark } from "../state-mark.tsx";
import { layout } from "./layout.ts";

/** From so many nodes on there is a map of them. */
const MANY = 30;

interface Shown extends Record<string, unknown> {
  box: Box;
  progress: Progress | undefined;
}
type ShownNode = Node<Shown>;

const KINDS = { task: TaskNode, trigger: TaskNode, dot: DotNode, cluster: ClusterNode };

interface CanvasProps {
  graph: FlowGraph;
  progress: ReadonlyMap<string, Progress>;
}

export default function Canvas({ graph, progress }: CanvasProps) {
  const { boxes, lines } = useMemo(() => boxesOf(graph), [graph]);
  // A wide canvas has more room beside than below.
  const across = useMediaQuery("(min-width: 56.25rem)", true, { getInitialValueInEffect: false });
  const placed = useQuery({
    queryKey: ["layout", boxes, lines, across],
    queryFn: () => layout(boxes, lines, across),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const nodes = useMemo(
    () => (placed.data ? nodesOf(placed.data, boxes, { progress, across }) : []),
    [placed.data, boxes, progress, across],
  );
  const edges = useMemo(() => lines.map(edgeOf), [lines]);
  if (placed.error) return <Problem error={placed.error} />;
  if (!placed.data) return <Loading />;
  return (
    <div className="canvas">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        nodeTypes={KINDS}
        fitView
        fitViewOptions={{ maxZoom: 1 }}
        minZoom={0.1}
        nodesDraggable={false}
        nodesConnectable={false}
        elementsSelectable={false}
        proOptions={{ hideAttribution: false }}
      >
        <Background gap={20} />
        <Controls showInteractive={false} />
        {nodes.length > MANY ? <MiniMap pannable zoomable /> : null}
      </ReactFlow>
    </div>
  );
}

interface Look {
  progress: ReadonlyMap<string, Progress>;
  across: boolean;
}

function nodesOf(placed: ElkNode, boxes: readonly Box[], look: Look): ShownNode[] {
  const at = new Map((placed.children ?? []).map(node => [node.id, node]));
  return boxes.flatMap(box => {
    const { x = 0, y = 0, width = 0, height = 0 } = at.get(box.id) ?? {};
    const own: ShownNode = {
      id: box.id,
      type: box.kind,
      position: { x, y },
      width,
      height,
      data: { box, progress: look.progress.get(box.taskId ?? "") },
      sourcePosition: look.across ? Position.Right : Position.Bottom,
      targetPosition: look.across ? Position.Left : Position.Top,
    };
    const inner = nodesOf(at.get(box.id) ?? placed, box.children, look);
    return [own, ...inner.map(each => ({ ...each, parentId: each.parentId ?? box.id }))];
  });
}

const edgeOf = ({ id, source, target, text, error }: Line): Edge => ({
  id,
  source,
  target,
  type: "smoothstep",
  ...(text ? { label: text } : {}),
  className: error ? "after-error" : "",
  markerEnd: { type: MarkerType.ArrowClosed, width: 14, height: 14 },
});

type Sides = Pick<NodeProps<ShownNode>, "sourcePosition" | "targetPosition">;

const Ends = ({ sourcePosition = Position.Bottom, targetPosition = Position.Top }: Sides) => (
  <>
    <Handle type="target" position={targetPosition} isConnectable={false} />
    <Handle type="source" position={sourcePosition} isConnectable={false} />
  </>
);

function TaskNode({ data: { box, progress }, ...sides }: NodeProps<ShownNode>) {
  return (
    <div className={`graph-task ${progress ? tone(progress.state) : ""} ${box.kind}`}>
      <span className="graph-name">{box.text}</span>
      {progress ? (
        <span className="graph-state">
          <StateMark name={progress.state} />
          {progress.total > 1 ? ` ${progress.done}/${progress.total}` : ""}
        </span>
      ) : (
        <span className="graph-type">{box.type}</span>
      )}
      <Ends {...sides} />
    </div>
  );
}

function DotNode(sides: NodeProps<ShownNode>) {
  return (
    <div className="graph-dot">
      <Ends {...sides} />
    </div>
  );
}

function ClusterNode({ data: { box } }: NodeProps<ShownNode>) {
  return (
    <div className="graph-cluster">
      <span>{box.text}</span>
    </div>
  );
}
