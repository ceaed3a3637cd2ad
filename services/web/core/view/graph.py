"""Turns a flow into the graph that clients draw: tasks, triggers, clusters around flowables, and their order. A task that
is not valid is drawn as far as its shape allows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from contracts.language.flow.child import made_tasks, slots_of
from contracts.scalars import derive_id
from services.web.core.view.page import Json

_MODEL = "io.kestra.core.models.hierarchies."
_BRANCHES = {"errors": "ERROR", "finally": "FINALLY", "afterExecution": "AFTER_EXECUTION"}
_KINDS = {"Parallel": "PARALLEL", "If": "CHOICE", "Switch": "CHOICE", "ForEach": "DYNAMIC", "EachSequential": "DYNAMIC",
          "EachParallel": "DYNAMIC", "Dag": "PARALLEL", "Loop": "DYNAMIC", "LoopUntil": "DYNAMIC", "WaitFor": "DYNAMIC"}  # fmt: skip
"""The relation of a flowable to its children, by the last word of its name."""


_TRIGGERS = "root.Triggers"
_CALLERS = frozenset({"Subflow", "Flow", "ForEachItem$ForEachItemExecutable"})
"""Tasks that start another flow, by the last word of their names."""
FlowName: TypeAlias = tuple[str, str]
"""Namespace and id."""


MOST_DEPTH = 30
NO_FLOWS: Mapping[FlowName, Json | None] = {}


@dataclass(slots=True)
class _Graph:
    nodes: list[Json] = field(default_factory=list)
    edges: list[Json] = field(default_factory=list)
    clusters: list[Json] = field(default_factory=list)
    runs: Mapping[str, list[Json]] = field(default_factory=dict)
    expanded: Collection[str] = ()
    """The names of tasks in whose place the flow is drawn that they start."""
    flows: Mapping[FlowName, Json | None] = field(default_factory=dict)
    unknown: set[FlowName] = field(default_factory=set)
    """Flows that are to be drawn, but were not given."""

    def node(self, uid: str, kind: str, **more: object) -> str:
        self.nodes.append({"uid": uid, "type": f"{_MODEL}{kind}", **more})
        return uid

    def edge(self, source: str, target: str, relation: str = "", value: str = "") -> None:
        described = {"relationType": relation} if relation else {}
        if value:
            described["value"] = value
        self.edges.append({"source": source, "target": target, "relation": described})


@dataclass(frozen=True, slots=True)
class _Around:
    """The flowable whose children are drawn."""

    uid: str
    end: str
    kind: str
    parents: tuple[str, ...]


def flow_graph(
    flow: Json,
    runs: Iterable[Json] = (),
    expanded: Collection[str] = (),
    flows: Mapping[FlowName, Json | None] = NO_FLOWS,
) -> tuple[Json, set[FlowName]]:
    """Return the graph, and further flows that it needs.

    ``flow`` is the flow as written. ``runs`` are task runs; the last one of each task is shown at it. ``expanded`` are the uids of
    tasks in whose place the flow is drawn that they start; ``flows`` are such flows, None for one that does not exist."""
    by_task: dict[str, list[Json]] = {}
    for run in runs:
        by_task.setdefault(str(run["taskId"]), []).append(run)
    graph = _Graph(runs=by_task, expanded=expanded, flows=flows)
    start, end = _ends(graph, "root")
    _triggers(graph, flow, start)
    last = _chain(graph, "root", _maps(flow.get("tasks")), start)
    for name, branch in _BRANCHES.items():
        tasks = _maps(flow.get(name))
        if tasks:
            _branch(graph, "root", tasks, (start, end), branch)
    graph.edge(last, end)
    return {
        "nodes": graph.nodes,
        "edges": graph.edges,
        "clusters": graph.clusters,
        "flowables": [
            cluster["cluster"]["taskNode"]["uid"]
            for cluster in graph.clusters
            if "taskNode" in cluster["cluster"]
        ],
    }, graph.unknown


def _triggers(graph: _Graph, flow: Json, start: str) -> None:
    triggers = _maps(flow.get("triggers"))
    if not triggers:
        return
    path = _TRIGGERS
    first, last = _ends(graph, path)
    inside = [first, last]
    for trigger in triggers:
        uid = graph.node(f"{path}.{trigger.get('id')}", "GraphTrigger", triggerDeclaration=trigger)
        inside.append(uid)
        graph.edge(first, uid)
        graph.edge(uid, last)
    graph.edge(last, start)
    graph.clusters.append(_cluster(path, inside, (first, last)))


def _chain(graph: _Graph, path: str, tasks: list[Json], source: str, parents: tuple[str, ...] = ()) -> str:
    """Draw each task after the one before. Gives the node that the next task follows."""
    for position, task in enumerate(tasks):
        entry, leave = _task(graph, path, task, "SEQUENTIAL", parents)
        graph.edge(source, entry, "SEQUENTIAL" if position else "")
        source = leave
    return source


def _branch(graph: _Graph, path: str, tasks: list[Json], ends: tuple[str, str], branch: str) -> None:
    source = ends[0]
    for position, task in enumerate(tasks):
        entry, leave = _task(graph, path, task, branch, ())
        graph.edge(source, entry, "SEQUENTIAL" if position else branch)
        source = leave
    graph.edge(source, ends[1])


def _task(graph: _Graph, path: str, task: Json, relation: str, parents: tuple[str, ...]) -> tuple[str, str]:
    """The nodes at which the task begins and ends: itself, or the ends of its cluster."""
    uid = f"{path}.{task.get('id')}"
    slots = slots_of(str(task.get("type")))
    more: Json = {"task": task, "relationType": relation}
    if relation in _BRANCHES.values():
        more["branchType"] = relation
    runs = graph.runs.get(str(task.get("id")))
    if runs:
        more["taskRun"] = runs[-1]
    if not slots:
        word = str(task.get("type")).rpartition(".")[2]
        if word not in _CALLERS:
            return graph.node(uid, "GraphTask", **more), uid
        more["subflowId"] = {"namespace": task.get("namespace"), "flowId": task.get("flowId")}
        return _expanded(graph, uid, more, parents) or (graph.node(uid, "SubflowGraphTask", **more), uid)
    kind = _KINDS.get(str(task.get("type")).rpartition(".")[2], "SEQUENTIAL")
    start, end = _ends(graph, uid)
    before = len(graph.nodes)
    graph.node(uid, "GraphTask", **{**more, "relationType": kind})
    own = graph.nodes[before]
    graph.edge(start, uid)
    inner = (*parents, f"cluster_{uid}")
    around = _Around(uid, end, kind, inner)
    left = _children(graph, around, made_tasks(task), "tasks", "")
    for name, slot in slots.items():
        if slot.shape == "dag":
            left = _ordered(graph, around, _maps(task.get(name))) or left
            continue
        for value, children in _lists(slot.shape, name, task.get(name)):
            left = _children(graph, around, children, name, value) or left
    if not left:
        graph.edge(uid, end)
    inside = [start, end, *(str(node["uid"]) for node in graph.nodes[before:])]
    cluster = _cluster(uid, inside, (start, end))
    cluster["cluster"] |= {"relationType": kind, "taskNode": own}
    graph.clusters.append({**cluster, "parents": list(parents)})
    return start, end


def _expanded(graph: _Graph, uid: str, more: Json, parents: tuple[str, ...]) -> tuple[str, str] | None:
    """Draw the flow that a task starts, if that is wanted. None: only the task is to be drawn."""
    if uid not in graph.expanded or len(parents) > MOST_DEPTH:
        return None
    name = (str(more["subflowId"]["namespace"]), str(more["subflowId"]["flowId"]))
    if name not in graph.flows:
        graph.unknown.add(name)
    flow = graph.flows.get(name)
    if flow is None:
        return None
    runs, graph.runs = graph.runs, {}  # those of the other flow have the same ids
    start, end = _ends(graph, uid)
    before = len(graph.nodes)
    graph.node(uid, "SubflowGraphTask", **more)
    own = graph.nodes[before]
    graph.edge(start, uid)
    inner = (*parents, f"cluster_{uid}")
    last = _chain(graph, uid, _maps(flow.get("tasks")), uid, inner)
    for key, branch in _BRANCHES.items():
        if tasks := _maps(flow.get(key)):
            _branch(graph, uid, tasks, (uid, end), branch)
    graph.edge(last, end)
    graph.runs = runs
    inside = [start, end, *(str(node["uid"]) for node in graph.nodes[before:])]
    cluster = _cluster(uid, inside, (start, end))
    cluster["cluster"] |= {
        "type": f"{_MODEL}SubflowGraphCluster",
        "relationType": "SEQUENTIAL",
        "taskNode": own,
    }
    graph.clusters.append({**cluster, "parents": list(parents)})
    return start, end


def _children(graph: _Graph, around: _Around, children: list[Json], name: str, value: str) -> bool:
    """Draw one list of a flowable. True if it leads to the flowable's end."""
    if not children:
        return False
    branch = _BRANCHES.get(name)
    relation = branch or around.kind
    if around.kind == "PARALLEL" and branch is None:
        for child in children:
            entry, leave = _task(graph, around.uid, child, relation, around.parents)
            graph.edge(around.uid, entry, relation)
            graph.edge(leave, around.end)
        return True
    source = around.uid
    for position, child in enumerate(children):
        entry, leave = _task(graph, around.uid, child, branch or "SEQUENTIAL", around.parents)
        graph.edge(source, entry, "SEQUENTIAL" if position else relation, "" if position else value)
        source = leave
    graph.edge(source, around.end)
    return branch is None


def _ordered(graph: _Graph, around: _Around, written: list[Json]) -> bool:
    """Draw the children of a Dag: each after those that it depends on, and the last ones before its end."""
    drawn: dict[str, tuple[str, str]] = {}
    needs: dict[str, list[str]] = {}
    for each in written:
        task = each.get("task")
        if isinstance(task, dict):
            name = str(task.get("id"))
            drawn[name] = _task(graph, around.uid, task, around.kind, around.parents)
            named = each.get("dependsOn")
            needs[name] = [str(other) for other in named] if isinstance(named, list) else []
    followed = {other for others in needs.values() for other in others}
    for name, (entry, leave) in drawn.items():
        before = [other for other in needs[name] if other in drawn]
        for other in before:
            graph.edge(drawn[other][1], entry, "SEQUENTIAL")
        if not before:
            graph.edge(around.uid, entry, around.kind)
        if name not in followed:
            graph.edge(leave, around.end)
    return bool(drawn)


def _lists(shape: str, name: str, written: object) -> list[tuple[str, list[Json]]]:
    """Each list of a property, with the value that selects it."""
    if shape == "inputs":
        return []
    if shape == "one":
        return [("", [written])] if isinstance(written, dict) else []
    if shape == "cases":
        cases = written.items() if isinstance(written, dict) else ()
        return [(str(case), _maps(tasks)) for case, tasks in cases]
    return [("" if name in {"tasks", *_BRANCHES} else name, _maps(written))]


def _ends(graph: _Graph, path: str) -> tuple[str, str]:
    """The nodes at the ends of a cluster. Their names cannot clash with a task's, because ids have no dot."""
    mark = derive_id("graph", path)
    return (
        graph.node(f"{path}.root-{mark}", "GraphClusterRoot"),
        graph.node(f"{path}.end-{mark}", "GraphClusterEnd"),
    )


def _cluster(path: str, inside: list[str], ends: tuple[str, str]) -> Json:
    last = {
        "uid": f"{path.removeprefix('root.') if path.count('.') == 1 and path != _TRIGGERS else path}.finally-{derive_id('graph', path, 'finally')}",
        "type": f"{_MODEL}GraphClusterFinally",
    }
    described: Json = {"uid": f"cluster_{path}", "type": f"{_MODEL}GraphCluster", "finally": last}
    return {"cluster": described, "nodes": inside, "parents": [], "start": ends[0], "end": ends[1]}


def _maps(value: object) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
