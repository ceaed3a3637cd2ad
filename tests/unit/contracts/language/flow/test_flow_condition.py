"""What a Flow trigger asks of an execution. Most of it is tested where triggers decide."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.language.expression.scope import Scope
from contracts.language.flow.flow_condition import CONDITIONS, MovedScope, WhereCondition
from contracts.language.flow.trigger_condition import condition_of
from contracts.states import State


@dataclass
class Moved:
    namespace: str = "company.team"
    flow_id: str = "orders"
    state: State = State.SUCCESS
    labels: dict[str, str] = field(default_factory=lambda: {"kind": "x"})
    outputs: dict[str, Any] = field(default_factory=dict)
    retried: list[State] = field(default_factory=list)


def scope() -> MovedScope:
    variables = {"labels": {"kind": "x"}, "flow": {"namespace": "company.own", "id": "listener"}}
    return MovedScope(Scope(variables, datetime(2026, 3, 1, tzinfo=UTC), 0), Moved())


@pytest.mark.parametrize(
    ("written", "fits"),
    [
        ({"field": "FLOW_ID", "type": "EQUAL_TO", "value": "orders"}, True),
        ({"field": "FLOW_ID", "type": "NOT_EQUAL_TO", "value": "orders"}, False),
        ({"field": "NAMESPACE", "type": "IN", "values": ["a", "company.team"]}, True),
        ({"field": "NAMESPACE", "type": "NOT_IN", "values": ["a", "company.team"]}, False),
        ({"field": "NAMESPACE", "type": "STARTS_WITH", "value": "company"}, True),
        ({"field": "NAMESPACE", "type": "ENDS_WITH", "value": "company"}, False),
        ({"field": "NAMESPACE", "type": "CONTAINS", "value": "any.t"}, True),
        ({"field": "STATE", "type": "REGEX", "value": "SUCC"}, False),
        ({"field": "STATE", "type": "REGEX", "value": "SUCC.*"}, True),
        ({"field": "EXPRESSION", "type": "IS_TRUE", "value": "{{ labels.kind == 'x' }}"}, True),
        ({"field": "EXPRESSION", "type": "IS_FALSE", "value": "{{ labels.kind == 'x' }}"}, False),
        ({"field": "EXPRESSION", "type": "IS_NULL", "value": "{{ labels.other ?? '' }}"}, True),
        ({"field": "EXPRESSION", "type": "IS_NOT_NULL", "value": "{{ labels.kind }}"}, True),
    ],
)
def test_filters(written: dict[str, Any], fits: bool) -> None:
    where = WhereCondition.model_validate({"filters": [written]})
    assert where.holds(scope()) is fits


@pytest.mark.parametrize("name", ["FlowNamespace", "FlowNamespaceCondition"])
def test_the_own_namespace(name: str) -> None:
    written = {
        "type": f"io.kestra.plugin.core.condition.{name}",
        "namespace": "company.",
        "comparison": "PREFIX",
    }
    assert condition_of(written, CONDITIONS).holds(scope())
    assert not condition_of({**written, "comparison": "EQUALS"}, CONDITIONS).holds(scope())
