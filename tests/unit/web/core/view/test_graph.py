"""Graphs of flows: every task and trigger is a node, and every way leads from the root to its end."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.web.core.view.graph import flow_graph

LOG = "io.kestra.plugin.core.log.Log"
FLOW = "io.kestra.plugin.core.flow"


def a_log(name: str) -> dict[str, Any]:
    return {"id": name, "type": LOG, "message": "hi"}


def drawn(*given: Any, **more: Any) -> Any:
    return flow_graph(*given, **more)[0]


def edges(graph: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    """By names without the marks of clusters' ends."""

    def plain(uid: str) -> str:
        return uid.partition("-")[0]

    return {
        (
            plain(edge["source"]),
            plain(edge["target"]),
            edge["relation"].get("relationType", ""),
            edge["relation"].get("value", ""),
        )
        for edge in graph["edges"]
    }


def test_tasks_follow_each_other_from_the_root_to_its_end() -> None:
    graph = drawn({"tasks": [a_log("a"), a_log("b")]})
    assert edges(graph) == {
        ("root.root", "root.a", "", ""),
        ("root.a", "root.b", "SEQUENTIAL", ""),
        ("root.b", "root.end", "", ""),
    }
    assert graph["clusters"] == []
    node = next(node for node in graph["nodes"] if node["uid"] == "root.a")
    assert node["task"] == a_log("a")
    assert node["type"].endswith(".GraphTask")


def test_triggers_stand_before_the_root_in_a_cluster_of_their_own() -> None:
    graph = drawn({"tasks": [a_log("a")], "triggers": [{"id": "hook", "type": "x.Webhook"}]})
    assert {
        ("root.Triggers.root", "root.Triggers.hook", "", ""),
        ("root.Triggers.hook", "root.Triggers.end", "", ""),
        ("root.Triggers.end", "root.root", "", ""),
    } <= edges(graph)
    assert [cluster["cluster"]["uid"] for cluster in graph["clusters"]] == ["cluster_root.Triggers"]


def test_an_if_has_a_way_for_each_choice() -> None:
    chosen = {"id": "c", "type": f"{FLOW}.If", "condition": "x", "then": [a_log("y")], "else": [a_log("n")]}
    graph = drawn({"tasks": [chosen, a_log("last")]})
    assert {
        ("root.root", "root.c.root", "", ""),
        ("root.c.root", "root.c", "", ""),
        ("root.c", "root.c.y", "CHOICE", "then"),
        ("root.c", "root.c.n", "CHOICE", "else"),
        ("root.c.y", "root.c.end", "", ""),
        ("root.c.n", "root.c.end", "", ""),
        ("root.c.end", "root.last", "SEQUENTIAL", ""),
    } <= edges(graph)
    assert graph["flowables"] == ["root.c"]


def test_a_parallel_begins_all_of_its_tasks_at_once() -> None:
    graph = drawn({"tasks": [{"id": "p", "type": f"{FLOW}.Parallel", "tasks": [a_log("a"), a_log("b")]}]})
    assert {
        ("root.p", "root.p.a", "PARALLEL", ""),
        ("root.p", "root.p.b", "PARALLEL", ""),
        ("root.p.a", "root.p.end", "", ""),
        ("root.p.b", "root.p.end", "", ""),
    } <= edges(graph)


def test_a_cluster_within_a_cluster_names_its_parents() -> None:
    inner = {"id": "i", "type": f"{FLOW}.Sequential", "tasks": [a_log("a")]}
    graph = drawn({"tasks": [{"id": "o", "type": f"{FLOW}.Parallel", "tasks": [inner]}]})
    parents = {cluster["cluster"]["uid"]: cluster["parents"] for cluster in graph["clusters"]}
    assert parents == {"cluster_root.o": [], "cluster_root.o.i": ["cluster_root.o"]}


def test_errors_are_a_branch_of_their_own() -> None:
    graph = drawn({"tasks": [a_log("a")], "errors": [a_log("e"), a_log("g")]})
    assert {
        ("root.root", "root.e", "ERROR", ""),
        ("root.e", "root.g", "ERROR", ""),
        ("root.g", "root.end", "", ""),
    } <= edges(graph)


def test_what_cleans_up_follows_everything_else() -> None:
    lists = {"errors": [a_log("e")], "finally": [a_log("f"), a_log("g")], "afterExecution": [a_log("h")]}
    graph = drawn({"tasks": [a_log("a")], **lists})
    assert {
        ("root.a", "root.finally", "", ""),
        ("root.e", "root.finally", "", ""),
        ("root.finally", "root.f", "", ""),
        ("root.f", "root.g", "FINALLY", ""),
        ("root.g", "root.after", "", ""),
        ("root.after", "root.h", "", ""),
        ("root.h", "root.end", "", ""),
    } <= edges(graph)


# Kestra's own numbers of nodes, edges and clusters for flows of these shapes.
IF = {"id": "if", "type": f"{FLOW}.If", "condition": "x", "then": [a_log("ok")], "else": [a_log("ko")]}
CLEAN = {"finally": [a_log("a1"), a_log("a2")]}
MEND = {"errors": [a_log("e1"), a_log("e2")]}
DAG = [{"task": a_log("t1")}, {"task": a_log("t2"), "dependsOn": ["t1"]}, {"task": IF, "dependsOn": ["t2"]}]


@pytest.mark.parametrize(
    ("flow", "size"),
    [
        ({"tasks": [a_log("a"), a_log("b"), a_log("c")]}, (5, 4, 0)),
        ({"tasks": [{"id": "s", "type": f"{FLOW}.Sequential", "tasks": [IF], **CLEAN}]}, (13, 13, 2)),
        ({"tasks": [{"id": "s", "type": f"{FLOW}.Sequential", "tasks": [IF], **CLEAN, **MEND}]}, (15, 16, 2)),
        ({"tasks": [{"id": "d", "type": f"{FLOW}.Dag", "tasks": DAG, **CLEAN, **MEND}]}, (17, 18, 2)),
        ({"tasks": [a_log("a")], "afterExecution": [a_log("h")]}, (5, 4, 0)),
        ({"tasks": [a_log("a")], "triggers": [{"id": "t"}, {"id": "u"}]}, (7, 7, 1)),
        ({"tasks": [{"id": "p", "type": f"{FLOW}.Parallel", "tasks": [a_log(f"t{n}") for n in range(6)]}, a_log("z")]},
         (12, 16, 1)),
    ],
)  # fmt: skip
def test_a_graph_has_the_size_that_kestras_has(flow: dict[str, Any], size: tuple[int, int, int]) -> None:
    graph = drawn(flow)
    assert (len(graph["nodes"]), len(graph["edges"]), len(graph["clusters"])) == size


def test_each_value_of_a_loop_that_ran_is_a_node() -> None:
    flow = {
        "tasks": [
            {"id": "each", "type": f"{FLOW}.ForEach", "values": ["a", "b"], "tasks": [a_log("l"), a_log("m")]}
        ]
    }
    runs = [{"id": "0", "taskId": "each"}] + [
        {"id": task + value, "taskId": task, "parentTaskRunId": "0", "value": value} for task in "lm" for value in "ab"
    ]  # fmt: skip
    graph = drawn(flow, runs)
    assert {
        ("root.each", "root.each.l_a", "DYNAMIC", "a"),
        ("root.each.l_a", "root.each.l_b", "DYNAMIC", "b"),
        ("root.each.l_b", "root.each.m_a", "DYNAMIC", "a"),
        ("root.each.m_a", "root.each.end", "", ""),
        ("root.each.m_b", "root.each.end", "", ""),
    } <= edges(graph)
    assert next(n for n in graph["nodes"] if n["uid"] == "root.each.m_b")["values"] == ["b"]


def test_an_execution_with_very_many_runs_is_drawn_as_small_as_its_flow() -> None:
    flow = {"tasks": [{"id": "each", "type": f"{FLOW}.ForEach", "values": "x", "tasks": [a_log("l")]}]}
    runs = [{"id": "0", "taskId": "each"}] + [
        {"id": f"l{n}", "taskId": "l", "parentTaskRunId": "0", "value": str(n)} for n in range(5000)
    ]
    assert len(drawn(flow, runs)["nodes"]) == 6


def test_a_run_is_shown_at_its_task() -> None:
    runs = [{"id": "1", "taskId": "a"}, {"id": "2", "taskId": "a"}]
    node = next(n for n in drawn({"tasks": [a_log("a")]}, runs)["nodes"] if n["uid"] == "root.a")
    assert node["taskRun"] == {"id": "2", "taskId": "a"}


def test_a_for_each_item_is_drawn_with_its_parts() -> None:
    task = {
        "id": "each",
        "type": f"{FLOW}.ForEachItem",
        "items": "x",
        "namespace": "n",
        "flowId": "f",
        "errors": [a_log("e")],
    }
    graph = drawn({"tasks": [task]})
    assert {
        ("root.each", "root.each.each_split", "SEQUENTIAL", ""),
        ("root.each.each_split", "root.each.each_items", "SEQUENTIAL", ""),
        ("root.each.each_items", "root.each.each_merge", "SEQUENTIAL", ""),
        ("root.each.root", "root.each.e", "ERROR", ""),
    } <= edges(graph)
    (items,) = (node for node in graph["nodes"] if node["uid"] == "root.each.each_items")
    assert items["type"].endswith(".SubflowGraphTask")
    assert items["subflowId"] == {"namespace": "n", "flowId": "f"}


def test_a_subflow_is_drawn_in_place_if_that_is_wanted() -> None:
    flow = {"tasks": [{"id": "sub", "type": f"{FLOW}.Subflow", "namespace": "n", "flowId": "f"}]}
    other = {
        "tasks": [a_log("a"), {"id": "deep", "type": f"{FLOW}.Subflow", "namespace": "n", "flowId": "g"}]
    }
    assert flow_graph(flow, expanded=["root.sub"])[1] == {("n", "f")}
    wanted = ["root.sub", "root.sub.deep"]
    graph, unknown = flow_graph(flow, expanded=wanted, flows={("n", "f"): other})
    assert unknown == {("n", "g")}
    assert {("root.sub", "root.sub.a", "", ""), ("root.sub.a", "root.sub.deep", "SEQUENTIAL", "")} <= edges(
        graph
    )
    graph, unknown = flow_graph(flow, expanded=wanted, flows={("n", "f"): other, ("n", "g"): None})
    assert unknown == set()
    (cluster,) = (each["cluster"] for each in graph["clusters"])
    assert cluster["type"].endswith(".SubflowGraphCluster")
    assert cluster["uid"] == "cluster_root.sub"


def test_a_flow_that_starts_itself_is_drawn_so_deep_only() -> None:
    flow = {"tasks": [{"id": "s", "type": f"{FLOW}.Subflow", "namespace": "n", "flowId": "f"}]}
    wanted = ["root" + ".s" * depth for depth in range(1, 100)]
    assert len(drawn(flow, expanded=wanted, flows={("n", "f"): flow})["clusters"]) < 50


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["id", "type", "tasks", "then", "else", "cases", "defaults", "errors", "x"]), inner, max_size=4),
    max_leaves=20,
)  # fmt: skip
tasks = st.recursive(
    st.builds(a_log, st.text(max_size=3)),
    lambda inner: st.builds(
        lambda name, kind, children: {"id": name, "type": f"{FLOW}.{kind}", "tasks": children, "then": children},
        st.text(max_size=3), st.sampled_from(["Parallel", "Sequential", "If", "ForEach", "Switch"]), st.lists(inner, max_size=3)),
    max_leaves=10,
)  # fmt: skip


@given(st.dictionaries(st.sampled_from(["tasks", "errors", "triggers", "finally"]), json_values, max_size=3))
def test_any_document_is_drawn(document: dict[str, Any]) -> None:
    drawn(document)


@given(st.lists(tasks, max_size=4))
def test_every_edge_ends_at_nodes_and_every_node_is_on_a_way_to_the_end(found: list[dict[str, Any]]) -> None:
    graph = drawn({"tasks": found})
    nodes = {node["uid"] for node in graph["nodes"]}
    backwards: dict[str, set[str]] = {}
    for edge in graph["edges"]:
        assert {edge["source"], edge["target"]} <= nodes
        backwards.setdefault(edge["target"], set()).add(edge["source"])
    (end,) = (uid for uid in nodes if uid.startswith("root.end-"))
    reached, waiting = {end}, [end]
    while waiting:
        for source in backwards.get(waiting.pop(), ()):
            if source not in reached:
                reached.add(source)
                waiting.append(source)
    assert reached == nodes


def test_the_tasks_of_a_dag_follow_those_that_they_depend_on() -> None:
    children = [
        {"task": a_log("a")},
        {"task": a_log("b"), "dependsOn": ["a"]},
        {"task": a_log("c"), "dependsOn": ["a", "nobody"]},
        {"task": a_log("d"), "dependsOn": ["b", "c"]},
    ]
    graph = drawn({"tasks": [{"id": "dag", "type": f"{FLOW}.Dag", "tasks": children}]})
    inside = {edge for edge in edges(graph) if "root.dag." in edge[1] or "root.dag." in edge[0]}
    assert {
        ("root.dag", "root.dag.a", "PARALLEL", ""),
        ("root.dag.a", "root.dag.b", "PARALLEL", ""),
        ("root.dag.a", "root.dag.c", "PARALLEL", ""),
        ("root.dag.b", "root.dag.d", "PARALLEL", ""),
        ("root.dag.c", "root.dag.d", "PARALLEL", ""),
        ("root.dag.d", "root.dag.end", "", ""),
    } <= inside
    assert not {edge for edge in inside if edge[:2] == ("root.dag", "root.dag.d")}


def test_a_task_that_starts_another_flow_names_it() -> None:
    graph = drawn({"tasks": [{"id": "s", "type": f"{FLOW}.Subflow", "namespace": "n", "flowId": "f"}]})
    node = next(node for node in graph["nodes"] if node["uid"] == "root.s")
    assert node["type"].endswith(".SubflowGraphTask")
    assert node["subflowId"] == {"namespace": "n", "flowId": "f"}


def test_a_task_of_another_list_names_the_list() -> None:
    graph = drawn({"tasks": [a_log("a")], "errors": [a_log("e"), a_log("f")], "finally": [a_log("z")]})
    found = {node["uid"]: node.get("branchType") for node in graph["nodes"] if node["type"].endswith("Task")}
    assert found == {"root.a": None, "root.e": "ERROR", "root.f": "ERROR", "root.z": "FINALLY"}


def test_a_cluster_has_a_node_for_its_last_things() -> None:
    graph = drawn({"tasks": [{"id": "s", "type": f"{FLOW}.Sequential", "tasks": [a_log("a")]}]})
    last = graph["clusters"][0]["cluster"]["finally"]
    assert last["uid"].startswith("s.finally-")
    assert last["type"].endswith(".GraphClusterFinally")
