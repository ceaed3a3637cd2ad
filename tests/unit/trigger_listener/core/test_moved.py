"""What templates see of an execution that a Flow trigger heard of."""

from __future__ import annotations

from typing import Any

from contracts.states import State
from contracts.trigger import MovedExecution
from services.trigger_listener.core.moved import outputs_of, variables_of
from services.trigger_listener.core.state import Met


def moved(**more: Any) -> MovedExecution:
    fields: dict[str, Any] = {
        "id": "e9", "seq": 4, "namespace": "n", "flow_id": "last", "revision": 1, "state": State.PAUSED, "started_at": 0,
    }  # fmt: skip
    return MovedExecution(**(fields | more))


def met(flow_id: str, execution_id: str = "e1", **outputs: Any) -> Met:
    execution = {"executionId": execution_id, "namespace": "n", "flowId": flow_id, "state": "SUCCESS"}
    return Met(0, 0, 1, execution, outputs)


def test_what_is_not_known_is_not_there() -> None:
    assert variables_of(moved(), [], several=False) == {
        "executionId": "e9",
        "executionLabels": {},
        "namespace": "n",
        "flowId": "last",
        "flowRevision": 1,
        "state": "PAUSED",
        "startDate": "1970-01-01T00:00:00.000Z",
        "outputs": {},
    }


def test_outputs_are_merged_and_stand_below_their_flows() -> None:
    found = outputs_of(moved(outputs={"a": {"y": 2}, "n": 3}), [met("first", a={"x": 1}, n=1)])
    assert found == {
        "a": {"x": 1, "y": 2},
        "n": 3,
        "first": {"a": {"x": 1}, "n": 1},
        "last": {"a": {"y": 2}, "n": 3},
    }


def test_an_output_with_the_name_of_a_flow_stays() -> None:
    assert outputs_of(moved(outputs={"first": 5}), [met("first", n=1)])["first"] == 5


def test_each_execution_is_named_once() -> None:
    seen = variables_of(moved(), [met("first"), met("other", "e2"), met("again", "e1")], several=True)
    assert [each["executionId"] for each in seen["executions"]] == ["e1", "e2", "e9"]
