"""What a Flow trigger makes of an execution that it hears of."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.states import State
from contracts.trigger import TriggerHeard, TriggerSkipped, UnlockTrigger
from tests.support.rig.moved import KEY, NAMES, MovedRig, upstream

CONDITION = "io.kestra.plugin.core.condition."


@pytest.fixture
def rig() -> MovedRig:
    return MovedRig()


def test_an_end_starts_an_execution(rig: MovedRig) -> None:
    rig.define(
        inputs={"from": "{{ trigger.outputs.file }} of {{ trigger.flowId }}"},
        labels={"team": "{{ vars.team }}"},
        variables={"vars": {"team": "bi"}},
    )
    (start,) = rig.hear(
        outputs={"file": "a.csv"},
        labels={"system.correlationId": "c", "kind": "x"},
        first_failed="t1",
        last_task="t2",
    )
    assert (start.namespace, start.flow_id, start.revision) == ("company.team", "listener", 1)
    assert start.inputs == {"from": "a.csv of orders"}
    assert start.labels == {"team": "bi", "system.from": "trigger", "system.correlationId": "c"}
    assert start.trigger is not None
    assert start.trigger.variables == {
        "executionId": "e1",
        "executionLabels": {"kind": "x"},
        "namespace": "company.team",
        "flowId": "orders",
        "flowRevision": 2,
        "state": "SUCCESS",
        "startDate": "2026-03-01T07:59:59.000Z",
        "endDate": "2026-03-01T08:00:00.000Z",
        "firstFailedTaskId": "t1",
        "lastTaskId": "t2",
        "outputs": {"file": "a.csv"},
    }
    assert start.trigger.depth == 1
    rig.assert_rebuilds()


def test_without_a_correlation_the_other_execution_is_it(rig: MovedRig) -> None:
    rig.define()
    (start,) = rig.hear()
    assert start.labels["system.correlationId"] == "e1"


@pytest.mark.parametrize(
    ("states", "state", "fires"),
    [
        (None, State.SUCCESS, True),
        (None, State.PAUSED, True),
        (None, State.RUNNING, False),
        (["RUNNING"], State.RUNNING, True),
        (["FAILED"], State.SUCCESS, False),
    ],
)
def test_states_decide(rig: MovedRig, states: list[str] | None, state: State, fires: bool) -> None:
    definition: dict[str, Any] = {} if states is None else {"states": states}
    rig.define(**definition)
    assert bool(rig.hear(state=state)) is fires


@pytest.mark.parametrize(
    ("condition", "fires"),
    [
        ({"type": "ExecutionFlow", "namespace": "company.team", "flowId": "orders"}, True),
        ({"type": "ExecutionFlowCondition", "namespace": "company.team", "flowId": "other"}, False),
        ({"type": "ExecutionNamespace", "namespace": "company"}, False),
        ({"type": "ExecutionNamespace", "namespace": "company", "prefix": True}, True),
        ({"type": "ExecutionNamespace", "namespace": "team", "comparison": "suffix"}, True),
        ({"type": "ExecutionStatus", "in": ["SUCCESS"]}, True),
        ({"type": "ExecutionStatus", "notIn": ["SUCCESS"]}, False),
        ({"type": "ExecutionLabels", "labels": {"kind": "x"}}, True),
        ({"type": "ExecutionLabels", "labels": [{"key": "kind", "value": "y"}]}, False),
        ({"type": "ExecutionOutputs", "expression": "{{ trigger.outputs.n > 1 }}"}, True),
        ({"type": "HasRetryAttempt", "in": ["FAILED"]}, True),
        ({"type": "HasRetryAttempt", "notIn": ["FAILED", "SUCCESS"]}, False),
        ({"type": "FlowCondition", "namespace": "company.team", "flowId": "listener"}, True),
        ({"type": "FlowNamespaceCondition", "namespace": "other"}, False),
        ({"type": "Expression", "expression": "{{ labels.kind == 'x' and execution.id == 'e1' }}"}, True),
        ({"type": "Not", "conditions": [{"type": CONDITION + "ExecutionStatus", "in": ["SUCCESS"]}]}, False),
        ({"type": "Or", "conditions": [{"type": CONDITION + "ExecutionStatus", "in": ["FAILED"]}]}, False),
    ],
)
def test_conditions_decide(rig: MovedRig, condition: dict[str, Any], fires: bool) -> None:
    rig.define(conditions=[{**condition, "type": CONDITION + condition["type"]}])
    started = rig.hear(labels={"kind": "x"}, outputs={"n": 2}, retried=[State.FAILED, State.SUCCESS])
    assert bool(started) is fires
    skipped = [event for event in rig.steps[-1].events if isinstance(event, TriggerSkipped)]
    assert bool(skipped) is not fires
    rig.assert_rebuilds()


def test_outputs_are_not_there_without_any(rig: MovedRig) -> None:
    rig.define(conditions=[{"type": CONDITION + "ExecutionOutputs", "expression": "true"}])
    assert rig.hear() == []


def test_a_condition_that_cannot_be_evaluated_is_told_once(rig: MovedRig) -> None:
    rig.define(
        conditions=[{"type": CONDITION + "Expression", "expression": "{{ trigger.outputs.n + 1 > 2 }}"}]
    )
    assert rig.hear() == []
    assert rig.hear() == []
    (line,) = rig.lines()
    assert "could not be evaluated for execution e1" in line
    assert rig.hear(outputs={"n": 5})
    assert rig.hear() == []
    assert len(rig.lines()) == 2
    rig.assert_rebuilds()


def test_inputs_that_do_not_render_give_a_failed_execution(rig: MovedRig) -> None:
    rig.define(inputs={"n": "{{ trigger.outputs.n }}"})
    (start,) = rig.hear()
    assert "inputs of the trigger could not be rendered" in start.failure
    assert start.inputs == {"n": "{{ trigger.outputs.n }}"}


def test_stop_after_disables(rig: MovedRig) -> None:
    rig.define(stopAfter=["FAILED"])
    (start,) = rig.hear()
    assert start.trigger_key == KEY
    (other,) = rig.hear()
    for started, state in ((start, "SUCCESS"), (other, "FAILED")):
        assert not rig.machine.state.by_key[KEY].disabled
        rig.when(UnlockTrigger(**NAMES, at=rig.now, execution_id=started.execution_id, state=state))
    assert rig.machine.state.by_key[KEY].disabled


def test_a_ring_ends(rig: MovedRig) -> None:
    rig = MovedRig(most_depth=3)
    rig.define()
    assert rig.hear(depth=2)
    assert rig.hear(depth=3) == []
    assert rig.hear(depth=3) == []
    (line,) = rig.lines()
    assert "do these flows trigger each other? The limit is 3" in line
    (event,) = rig.steps[-1].events
    assert isinstance(event, TriggerHeard)
    assert event.problem == line.replace("e2", "e3")
    rig.assert_rebuilds()


class TestSeveral:
    def test_all_must_be_met(self, rig: MovedRig) -> None:
        rig.define(preconditions=upstream("orders", "customers"))
        assert rig.hear("orders", outputs={"o": 1, "both": "orders"}) == []
        assert rig.hear("orders", outputs={"o": 2, "both": "orders"}) == []
        assert rig.hear("customers", State.FAILED) == []
        assert rig.hear("others") == []
        rig.restart(snapshot=True)
        (start,) = rig.hear("customers", outputs={"c": 3, "both": "customers"})
        assert start.trigger is not None
        seen = start.trigger.variables
        assert seen["executionId"] == "e5"
        assert [each["executionId"] for each in seen["executions"]] == ["e2", "e5"]
        assert seen["outputs"] == {
            "o": 2,
            "c": 3,
            "both": "customers",
            "orders": {"o": 2, "both": "orders"},
            "customers": {"c": 3, "both": "customers"},
        }
        assert rig.hear("customers") == []
        rig.assert_rebuilds()

    def test_without_reset_each_further_match_starts_one(self, rig: MovedRig) -> None:
        rig.define(preconditions=upstream("orders", "customers", resetOnSuccess=False))
        assert rig.hear("orders") == []
        assert rig.hear("customers")
        assert rig.hear("orders")
        assert rig.hear("others") == []

    def test_a_duplicate_fills_no_window(self, rig: MovedRig) -> None:
        rig.define(preconditions=upstream("orders", "customers"))
        rig.hear("orders")
        last = rig.moved("customers")
        assert rig.starts(rig.when(last))
        rig.when(last)
        assert rig.hear("orders") == []
        rig.assert_rebuilds()

    def test_another_order_keeps_what_is_met(self, rig: MovedRig) -> None:
        rig.define(preconditions=upstream("orders", "customers"))
        rig.hear("orders")
        rig.define(preconditions=upstream("customers", "orders"))
        assert rig.hear("customers")

    def test_a_part_that_is_gone_counts_no_more(self, rig: MovedRig) -> None:
        rig.define(preconditions=upstream("orders", "customers"))
        rig.hear("orders")
        rig.define(preconditions=upstream("products", "customers"))
        assert rig.hear("customers") == []

    def test_windows_end(self, rig: MovedRig) -> None:
        rig.define(preconditions=upstream("orders", "customers"))
        rig.hear("orders")
        rig.wait(24 * 3_600_000)
        assert rig.hear("customers") == []
        assert rig.hear("orders")
        rig.assert_rebuilds()

    def test_where(self, rig: MovedRig) -> None:
        where = [
            {
                "id": "flow",
                "filters": [
                    {"field": "NAMESPACE", "type": "STARTS_WITH", "value": "company."},
                    {"field": "FLOW_ID", "type": "IN", "values": ["orders", "products"]},
                ],
            },
            {
                "id": "label",
                "operand": "OR",
                "filters": [
                    {"field": "EXPRESSION", "type": "IS_TRUE", "value": "{{ labels.some == 'label' }}"},
                    {"field": "STATE", "type": "REGEX", "value": "WARN.*"},
                ],
            },
        ]
        rig.define(preconditions={"id": "w", "where": where})
        assert rig.hear("products") == []
        (line,) = rig.lines()
        assert "could not be evaluated for execution e1" in line
        assert rig.hear("others", labels={"some": "label"})
        assert rig.hear("orders", State.WARNING, labels={"some": "other"})

    def test_multiple_condition(self, rig: MovedRig) -> None:
        each = {"namespace": "company.team", "type": CONDITION + "ExecutionFlowCondition"}
        multiple = {
            "type": "io.kestra.core.models.conditions.types.MultipleCondition",
            "id": "m",
            "window": "P1D",
            "windowAdvance": "P0D",
            "conditions": {
                "success": {"type": CONDITION + "ExecutionStatusCondition", "in": ["SUCCESS"]},
                "a": {**each, "flowId": "a"},
                "b": {**each, "flowId": "b"},
            },
        }
        rig.define(conditions=[multiple])
        assert rig.hear("a", State.FAILED) == []
        assert rig.hear("b")

    def test_depends_on(self, rig: MovedRig) -> None:
        rig.define(
            dependsOn=[
                {"flowId": "orders", "when": "trigger.outputs.n > 1"},
                {"namespace": "company.team", "flowId": "customers", "labels": {"a": "b"}},
                {"flowId": "products"},
            ],
            mode="AT_LEAST",
            minSatisfied=2,
        )
        assert rig.hear("orders", outputs={"n": 2}) == []
        assert rig.hear("customers", State.FAILED, labels={"a": "b"}) == []
        assert rig.hear("customers") == []
        assert rig.hear("customers", labels={"a": "b"})
        assert rig.hear("products") == []

    def test_two_triggers_have_windows_of_their_own(self, rig: MovedRig) -> None:
        rig.define(states=["SUCCESS"], dependsOn=[{"flowId": "orders"}])
        assert rig.hear("orders", State.FAILED) == []
        rig.define(states=["FAILED"], dependsOn=[{"flowId": "orders"}])
        assert rig.hear("orders", State.FAILED)
