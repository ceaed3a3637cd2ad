"""A Flow trigger as it is carried out: its places, and the names of its parts."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.language.flow.flow_trigger import (
    InvalidFlowTrigger,
    flow_trigger,
    parse_flow_trigger,
    read_flow_trigger,
)
from contracts.states import State

CONDITION = "io.kestra.plugin.core.condition."
FLOW_OF = {"type": CONDITION + "ExecutionFlow", "namespace": "a", "flowId": "f"}
NAMESPACE_OF = {"type": CONDITION + "ExecutionNamespace", "namespace": "a"}


@pytest.mark.parametrize(
    ("written", "places"),
    [
        ({}, None),
        ({"conditions": [NAMESPACE_OF, FLOW_OF]}, {("a", "f")}),
        ({"conditions": [NAMESPACE_OF]}, {("a", None)}),
        ({"conditions": [{**NAMESPACE_OF, "prefix": True}]}, None),
        ({"conditions": [{"type": CONDITION + "Not", "conditions": [FLOW_OF]}]}, None),
        ({"preconditions": {"id": "p", "flows": [{"namespace": "a"}, {"namespace": "b", "flowId": "g"}]}}, {("a", None), ("b", "g")}),
        ({"preconditions": {"id": "p", "flows": [{"namespace": "a"}], "where": [{"id": "w", "filters": [{"field": "STATE", "type": "IN", "values": []}]}]}}, None),
        ({"dependsOn": [{"flowId": "f"}], "conditions": [NAMESPACE_OF]}, {(None, "f")}),
        ({"conditions": [{"type": CONDITION + "MultipleCondition", "id": "m", "conditions": {"a": FLOW_OF}}]}, {("a", "f")}),
    ],
)  # fmt: skip
def test_it_knows_whose_executions_may_concern_it(written: dict[str, Any], places: set[Any] | None) -> None:
    assert flow_trigger(written).places == places


def parts(**written: Any) -> list[str]:
    return [part.id for group in flow_trigger(written).groups for part in group.parts]


def test_the_names_of_parts_follow_from_what_they_ask() -> None:
    first, second = {"flowId": "f", "states": ["SUCCESS"]}, {"flowId": "g", "labels": {"a": "b", "c": "d"}}
    assert parts(dependsOn=[first, second]) == list(reversed(parts(dependsOn=[second, first])))
    assert parts(dependsOn=[first]) != parts(dependsOn=[{**first, "states": ["FAILED"]}])
    assert parts(dependsOn=[{**second, "labels": {"c": "d", "a": "b"}}]) == parts(dependsOn=[second])
    assert len(parts(dependsOn=[first, first])) == 1


@pytest.mark.parametrize(("states", "expected"), [(None, {State.SUCCESS, State.WARNING}), (["FAILED"], None)])
def test_a_dependency_without_states_has_those_of_the_trigger(
    states: list[str] | None, expected: set[State] | None
) -> None:
    written = {"dependsOn": [{"flowId": "f"}], **({} if states is None else {"states": states})}
    ((part,),) = [group.parts for group in flow_trigger(written).groups]
    found = part.condition.states  # type: ignore[attr-defined]
    assert found is None if expected is None else set(found) == expected


@pytest.mark.parametrize(
    ("written", "least", "resets"),
    [
        ({}, 2, True),
        ({"mode": "ANY"}, 1, True),
        ({"mode": "AT_LEAST", "minSatisfied": 2, "window": {"every": "PT1H"}}, 2, False),
        ({"window": {"every": "PT1H", "fireOnce": True}}, 2, True),
    ],
)
def test_modes(written: dict[str, Any], least: int, resets: bool) -> None:
    (group,) = flow_trigger({"dependsOn": [{"flowId": "f"}, {"flowId": "g"}], **written}).groups
    assert (group.least, group.resets) == (least, resets)


@pytest.mark.parametrize(
    "definition", [b'{"states":["X"]}', b'{"conditions":[{"type":"x.Y"}]}', b'{"preconditions":{"id":"p"}}']
)
def test_what_can_never_fire_says_why(definition: bytes) -> None:
    with pytest.raises(InvalidFlowTrigger, match=r"."):
        parse_flow_trigger(definition)
    assert read_flow_trigger(definition) is None
