"""The graph of a flow, as clients draw it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from services.web.document.schema.base import JsonMap, Shape
from services.web.document.schema.execution import TaskRun


class GraphNode(Shape):
    uid: str = Field(description="dotted path of the task")
    type: str = Field(
        description="ends in GraphTask, SubflowGraphTask, GraphTrigger, GraphClusterRoot or GraphClusterEnd"
    )
    task: JsonMap | None = None
    trigger_declaration: JsonMap | None = None
    relation_type: str | None = None
    branch_type: Literal["ERROR", "FINALLY", "AFTER_EXECUTION"] | None = Field(
        None, description="the list beside the main tasks that it belongs to"
    )
    subflow_id: JsonMap | None = Field(None, description="namespace and id of the flow that it starts")
    task_run: TaskRun | None = Field(
        None, description="the run of the task; only in the graph of an execution"
    )
    values: list[str] | None = Field(
        None, description="the values of the loops around the run, outermost first"
    )


class Relation(Shape):
    relation_type: str | None = None
    value: str | None = Field(None, description="the value that selects this branch of a choice")


class GraphEdge(Shape):
    source: str
    target: str
    relation: Relation


class GraphClusterNode(Shape):
    uid: str
    type: str
    relation_type: str | None = None
    task_node: GraphNode | None = None
    finally_: GraphNode = Field(alias="finally", description="stands for what runs at the end of the cluster")


class GraphCluster(Shape):
    cluster: GraphClusterNode
    nodes: list[str]
    parents: list[str] = Field(description="clusters around it, outermost first")
    start: str
    end: str


class FlowGraph(Shape):
    nodes: list[GraphNode]
    edges: list[GraphEdge]
    clusters: list[GraphCluster]
    flowables: list[str]


class TopologyNode(Shape):
    uid: str
    namespace: str
    id: str


class TopologyEdge(Shape):
    source: str = Field(description="uid of the flow that starts the other")
    target: str
    relation: Literal["FLOW_TASK", "FLOW_TRIGGER"]


class Topology(Shape):
    nodes: list[TopologyNode]
    edges: list[TopologyEdge]
