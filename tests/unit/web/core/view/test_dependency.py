"""Which flow starts which."""

from __future__ import annotations

from contracts.registry import FlowState
from services.web.core.view.dependency import Edge, around, edges_of, of_namespace, topology


def flow(flow_id: str, rest: str = "tasks: []", namespace: str = "team") -> FlowState:
    source = f"id: {flow_id}\nnamespace: {namespace}\n{rest}\n"
    return FlowState(namespace=namespace, flow_id=flow_id, revision=2, source=source, at=0, created_at=0)


CALLS_B = """
tasks:
  - id: around
    type: io.kestra.plugin.core.flow.Sequential
    tasks:
      - {id: call, type: io.kestra.plugin.core.flow.Subflow, namespace: team, flowId: b}
      - {id: again, type: io.kestra.plugin.core.flow.Subflow, namespace: team, flowId: b}
      - {id: gone, type: io.kestra.plugin.core.flow.Subflow, namespace: team, flowId: nobody}
      - {id: dynamic, type: io.kestra.plugin.core.flow.Subflow, namespace: team, flowId: "{{ inputs.x }}"}
"""
AFTER_B = """
tasks: []
triggers:
  - id: after
    type: io.kestra.plugin.core.trigger.Flow
    dependsOn:
      flows: [{namespace: team, flowId: b}]
"""
FLOWS = [flow("a", CALLS_B), flow("b"), flow("c", AFTER_B, "other"), flow("broken", "tasks: [")]
A, B, C = ("team", "a"), ("team", "b"), ("other", "c")
A_B, B_C = Edge(A, B, "FLOW_TASK"), Edge(B, C, "FLOW_TRIGGER")


def test_subflows_and_flow_triggers_connect_flows_that_are_there() -> None:
    assert edges_of(FLOWS) == [A_B, B_C]


def test_a_flow_is_drawn_with_its_neighbours_or_with_all_that_hangs_together() -> None:
    edges = [A_B, B_C]
    assert around(edges, A, destination_only=False, everything=False) == [A_B]
    assert around(edges, A, destination_only=False, everything=True) == [A_B, B_C]
    assert around(edges, B, destination_only=False, everything=False) == [A_B, B_C]
    assert around(edges, B, destination_only=True, everything=True) == [B_C]
    assert around(edges, ("team", "alone"), destination_only=False, everything=True) == []


def test_flows_that_start_each_other_are_no_endless_way() -> None:
    circle = [A_B, Edge(B, A, "FLOW_TASK")]
    assert around(circle, A, destination_only=False, everything=True) == circle


def test_a_namespace_is_drawn_with_all_its_flows() -> None:
    edges = of_namespace([A_B, B_C], "other", destination_only=False)
    assert edges == [B_C]
    assert of_namespace([A_B, B_C], "other", destination_only=True) == []
    page = topology(edges, [C, ("other", "d")])
    assert [node["uid"] for node in page["nodes"]] == ["main_team_b", "main_other_c", "main_other_d"]
    assert page["edges"] == [{"source": "main_team_b", "target": "main_other_c", "relation": "FLOW_TRIGGER"}]


def test_nothing_is_connected_where_no_flow_starts_another() -> None:
    assert topology(edges_of([flow("b")])) == {"nodes": [], "edges": []}
