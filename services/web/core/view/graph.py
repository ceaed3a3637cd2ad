"""Turns a flow into the graph that clients draw, with the nodes and edges that Kestra's has: tasks, triggers, clusters around flowables,
and their order. With task runs, each of them is a node. A task that is not valid is drawn as far as its shape allows."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from contracts.language.flow.child import made_tasks, slots_of
from contracts.scalars import derive_id
from services.web.core.view.page import Json

FlowName: TypeAlias = tuple[str, str]
"""Namespace and id."""
MOST_DEPTH = 30
"""How deep flows are drawn within each other."""
MOST_RUNS = 1_000
"""If an execution has more task runs, each task is drawn once, with its last run."""
NO_FLOWS: Mapping[FlowName, Json | None] = {}
_MODEL = "io.kestra.core.models.hierarchies."
_TAIL = {"errors": "ERROR", "finally": "FINALLY", "afterExecution": "AFTER_EXECUTION"}
_KINDS = {"Parallel": "PARALLEL", "If": "CHOICE", "Switch": "CHOICE", "ForEach": "DYNAMIC", "EachSequential": "DYNAMIC",
          "EachParallel": "DYNAMIC", "Dag": "DYNAMIC", "Loop": "DYNAMIC", "LoopUntil": "DYNAMIC", "WaitFor": "DYNAMIC"}  # fmt: skip
"""The relation of a flowable to its children, by the last word of its name."""
_TRIGGERS = "Triggers"
_AT_ONCE = frozenset({"Parallel", "EachParallel"})
_CALLERS = frozenset({"Subflow", "Flow", "ForEachItem$ForEachItemExecutable"})
"""Tasks that start another flow, by the last word of their names."""


@dataclass(slots=True)
class _Graph:
    nodes: list[Json] = field(default_factory=list)
    edges: list[Json] = field(default_factory=list)
    clusters: list[Json] = field(default_factory=list)
    runs: Mapping[str, list[Json]] = field(default_factory=dict)
    expanded: Collection[str] = ()
    flows: Mapping[FlowName, Json | None] = field(default_factory=dict)
    unknown: set[FlowName] = field(default_factory=set)
    """Flows that are to be drawn, but were not given."""

    def edge(self, source: str, target: str, relation: str = "", value: str = "") -> None:
        described = {"relationType": relation} if relation else {}
        if value:
            described["value"] = value
        self.edges.append({"source": source, "target": target, "relation": described})


@dataclass(slots=True)
class _Cluster:
    """What is drawn around tasks: the flow itself, or a flowable."""

    uid: str
    kind: str = ""
    """The relation of its first tasks. The flow itself has none."""
    parents: tuple[str, ...] = ()
    """The clusters around it."""
    branch: str = ""
    """The list of another cluster that it is in, if that is no main list."""
    run: Json | None = None
    values: list[str] = field(default_factory=list)
    nodes: list[str] = field(default_factory=list)
    root: str = ""
    end: str = ""
    source: str = ""
    """The node that its main tasks follow."""

    @property
    def last(self) -> str:
        """The uid of the node before the tasks of ``finally``."""
        nested = self.uid.count(".") != 1 or self.uid.endswith(f".{_TRIGGERS}")
        short = self.uid if nested else self.uid.removeprefix("root.")
        return f"{short}.finally-{derive_id('graph', self.uid, 'finally')}"


def flow_graph(
    flow: Json,
    runs: Iterable[Json] = (),
    expanded: Collection[str] = (),
    flows: Mapping[FlowName, Json | None] = NO_FLOWS,
) -> tuple[Json, set[FlowName]]:
    """Return the graph, and further flows that it needs.

    ``flow`` is the flow as written. ``runs`` are task runs. ``expanded`` are the uids of tasks in whose place the flow is drawn that they
    start; ``flows`` are such flows, None for one that does not exist."""
    graph = _Graph(runs=_by_task(runs), expanded=expanded, flows=flows)
    root = _Cluster("root")
    _ends(graph, root)
    root.source = root.root
    _flow(graph, root, flow)
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


def _by_task(runs: Iterable[Json]) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = {}
    number = 0
    for run in runs:
        found.setdefault(str(run["taskId"]), []).append(run)
        number += 1
    return found if number <= MOST_RUNS else {task: each[-1:] for task, each in found.items()}


def _flow(graph: _Graph, around: _Cluster, flow: Json) -> None:
    _triggers(graph, around, _maps(flow.get("triggers")))
    _lists(graph, around, [("SEQUENTIAL", "", _maps(flow.get("tasks")))], flow)


def _triggers(graph: _Graph, around: _Cluster, triggers: Sequence[Json]) -> None:
    if not triggers:
        return
    cluster = _Cluster(f"{around.uid}.{_TRIGGERS}", parents=_inside(around))
    shown = _opened(graph, around, cluster)
    for trigger in triggers:
        uid = _node(
            graph, cluster, f"{cluster.uid}.{trigger.get('id')}", "GraphTrigger", triggerDeclaration=trigger
        )
        graph.edge(cluster.root, uid)
        graph.edge(uid, cluster.end)
    graph.edge(cluster.end, around.root)
    shown["nodes"] = cluster.nodes


def _lists(
    graph: _Graph,
    around: _Cluster,
    main: Sequence[tuple[str, str, list[Json]]],
    written: Mapping[str, object],
) -> None:
    """Draw the main lists (relation, value, tasks), and those that follow them. Each way leads to the end."""
    tails = {name: _maps(written.get(name)) for name in _TAIL}
    after = finally_ = around.end
    if tails["afterExecution"]:
        mark = derive_id("graph", around.uid, "after-execution")
        after = finally_ = _node(
            graph, around, f"{around.uid}.after-execution-{mark}", "GraphClusterAfterExecution"
        )
    if tails["finally"]:
        finally_ = _node(graph, around, around.last, "GraphClusterFinally")
    left = [
        _fill(graph, around, tasks, relation, (around.source, finally_), value)
        for relation, value, tasks in main
    ]
    if not any(left):
        graph.edge(around.source, finally_)
    _fill(graph, around, tails["errors"], "ERROR", (around.root, finally_))
    _fill(graph, around, tails["finally"], "FINALLY", (finally_, after))
    _fill(graph, around, tails["afterExecution"], "AFTER_EXECUTION", (after, around.end))


def _fill(  # noqa: PLR0913 - a list, and the nodes before and after it
    graph: _Graph,
    around: _Cluster,
    tasks: Sequence[Json],
    relation: str,
    ends: tuple[str, str],
    value: str = "",
) -> bool:
    """Draw one list. True if it leads to the node after it."""
    source, target = ends
    first, linked = True, False
    for position, task in enumerate(tasks):
        for run in _runs_of(graph, task, around):
            entry, leave = _task(graph, around, task, relation, run)
            graph.edge(source, entry, _relation(around, relation, first=first), _value(run, value))
            if relation != "PARALLEL":
                source = leave
            first = False
            if relation == "PARALLEL" or position == len(tasks) - 1:
                graph.edge(leave, target)
                linked = True
    if not first and not linked:  # the last task has no run here
        graph.edge(source, target)
    return not first


def _relation(around: _Cluster, relation: str, *, first: bool) -> str:
    if relation == "ERROR":
        return relation
    return around.kind if first or relation == "PARALLEL" or around.kind == "DYNAMIC" else relation


def _value(run: Json | None, value: str) -> str:
    return value if run is None else str(run.get("value") or "")


def _runs_of(graph: _Graph, task: Json, around: _Cluster) -> list[Json] | list[None]:
    """Return the task's runs in this cluster, for each value the last. A list of None: it has none anywhere."""
    found = graph.runs.get(str(task.get("id")))
    if not found:
        return [None]
    if around.run is not None and len(found) > 1:
        found = [run for run in found if run.get("parentTaskRunId") == around.run["id"]]
    return list({run.get("value"): run for run in found}.values())


def _task(graph: _Graph, around: _Cluster, task: Json, relation: str, run: Json | None) -> tuple[str, str]:
    """Return the nodes at which the task begins and ends: itself, or the ends of its cluster."""
    values = [*around.values, *([str(run["value"])] if run is not None and run.get("value") else [])]
    uid = f"{around.uid}.{task.get('id')}" + (f"_{values[-1]}" if len(values) > len(around.values) else "")
    branch = relation if relation in _TAIL.values() else around.branch
    more: Json = {"task": task, "relationType": relation}
    if branch:
        more["branchType"] = branch
    if run is not None:
        more |= {"taskRun": run, "values": values}
    cluster = _Cluster(uid, parents=_inside(around), branch=branch, run=run, values=values)
    word = str(task.get("type")).rpartition(".")[2]
    slots = slots_of(str(task.get("type")))
    made = made_tasks(task)
    if not slots and not made:
        if word not in _CALLERS:
            return _node(graph, around, uid, "GraphTask", **more), uid
        more["subflowId"] = {"namespace": task.get("namespace"), "flowId": task.get("flowId")}
        return _expanded(graph, around, cluster, more) or (
            _node(graph, around, uid, "SubflowGraphTask", **more),
            uid,
        )
    main = _main_lists(task, word, made)
    if word == "Pause" and not any(tasks for _, _, tasks in main):
        return _node(graph, around, uid, "GraphTask", **more), uid
    cluster.kind = _KINDS.get(word, "SEQUENTIAL")
    shown = _opened(graph, around, cluster, "GraphTask", {**more, "relationType": cluster.kind})
    if any(slot.shape == "dag" for slot in slots.values()):
        _dag(graph, cluster, task)
    else:
        _lists(graph, cluster, main, task)
    shown["nodes"] = cluster.nodes
    return cluster.root, cluster.end


def _main_lists(task: Json, word: str, made: Sequence[Json]) -> list[tuple[str, str, list[Json]]]:
    relation = "PARALLEL" if word in _AT_ONCE else "SEQUENTIAL"
    found = [(relation, "", list(made))] if made else []
    for name, slot in slots_of(str(task.get("type"))).items():
        if name in _TAIL or slot.shape in ("inputs", "dag"):
            continue
        written = task.get(name)
        if slot.shape == "one":
            found += [("SEQUENTIAL", "", [written])] if isinstance(written, dict) else []
        elif slot.shape == "cases":
            cases = written.items() if isinstance(written, dict) else ()
            found += [("SEQUENTIAL", str(case), _maps(tasks)) for case, tasks in cases]
        else:
            found.append((relation, "" if name == "tasks" else name, _maps(written)))
    return found


def _dag(graph: _Graph, around: _Cluster, task: Json) -> None:
    """Draw each task after those that it depends on, and the last ones before the end."""
    drawn: dict[str, tuple[str, str]] = {}
    needs: dict[str, list[str]] = {}
    for each in _maps(task.get("tasks")):
        inner, named = each.get("task"), each.get("dependsOn")
        if isinstance(inner, dict):
            run = next(iter(_runs_of(graph, inner, around)), None)
            drawn[str(inner.get("id"))] = _task(graph, around, inner, "SEQUENTIAL", run)
            needs[str(inner.get("id"))] = [str(other) for other in named] if isinstance(named, list) else []
    followed = {other for others in needs.values() for other in others}
    before_end = [leave for name, (_, leave) in drawn.items() if name not in followed]
    for name, (entry, _) in drawn.items():
        sources = [drawn[other][1] for other in needs[name] if other in drawn] or [around.source]
        for source in sources:
            graph.edge(source, entry, "PARALLEL")
    first = len(graph.edges)
    _lists(graph, around, [], task)
    way_out = graph.edges.pop(first)["target"]  # that of the cluster without tasks
    for leave in before_end or [around.source]:
        graph.edge(leave, way_out)


def _expanded(graph: _Graph, around: _Cluster, cluster: _Cluster, more: Json) -> tuple[str, str] | None:
    """Draw the flow that a task starts, if that is wanted. None: only the task is to be drawn."""
    if cluster.uid not in graph.expanded or len(cluster.parents) > MOST_DEPTH:
        return None
    name = (str(more["subflowId"]["namespace"]), str(more["subflowId"]["flowId"]))
    if name not in graph.flows:
        graph.unknown.add(name)
    flow = graph.flows.get(name)
    if flow is None:
        return None
    runs, graph.runs = graph.runs, {}  # those of the other flow have the same ids
    cluster.run = None
    shown = _opened(graph, around, cluster, "SubflowGraphTask", more)
    shown["cluster"] |= {"type": f"{_MODEL}SubflowGraphCluster", "relationType": "SEQUENTIAL"}
    _flow(graph, cluster, flow)
    graph.runs = runs
    shown["nodes"] = cluster.nodes
    return cluster.root, cluster.end


def _opened(
    graph: _Graph, around: _Cluster, cluster: _Cluster, kind: str = "", more: Json | None = None
) -> Json:
    """Draw the ends of a cluster, and its task if it has one. Return how it is shown, still without its nodes."""
    _ends(graph, cluster)
    last = {"uid": cluster.last, "type": f"{_MODEL}GraphClusterFinally"}
    described: Json = {"uid": f"cluster_{cluster.uid}", "type": f"{_MODEL}GraphCluster", "finally": last}
    if more is not None:
        _node(graph, cluster, cluster.uid, kind, **more)
        described |= {"relationType": cluster.kind, "taskNode": graph.nodes[-1]}
        graph.edge(cluster.root, cluster.uid)
    cluster.source = cluster.uid if more is not None else cluster.root
    shown: Json = {
        "cluster": described,
        "nodes": [],
        "parents": list(cluster.parents),
        "start": cluster.root,
        "end": cluster.end,
    }
    graph.clusters.append(shown)
    around.nodes.append(described["uid"])
    return shown


def _ends(graph: _Graph, cluster: _Cluster) -> None:
    """Draw the ends. Their names cannot clash with a task's, because ids have no dot."""
    mark = derive_id("graph", cluster.uid)
    cluster.root = _node(graph, cluster, f"{cluster.uid}.root-{mark}", "GraphClusterRoot")
    cluster.end = _node(graph, cluster, f"{cluster.uid}.end-{mark}", "GraphClusterEnd")


def _node(graph: _Graph, cluster: _Cluster, uid: str, kind: str, **more: object) -> str:
    graph.nodes.append({"uid": uid, "type": f"{_MODEL}{kind}", **more})
    cluster.nodes.append(uid)
    return uid


def _inside(around: _Cluster) -> tuple[str, ...]:
    return () if around.uid == "root" else (*around.parents, f"cluster_{around.uid}")


def _maps(value: object) -> list[Json]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
