"""The executor tells Flow triggers of executions."""

from __future__ import annotations

from typing import Any

from contracts.execution import TriggerRef
from contracts.states import State
from contracts.trigger import ExecutionMoved
from services.executor.executions.audience import Hearer
from tests.support.rig.executions import ExecutionRig, started

FLOW = """
id: f
namespace: tests
inputs: [{id: n, type: INT, defaults: 3}]
tasks:
  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}
outputs: [{id: out, type: STRING, value: "{{ outputs.a.value }}"}]
"""
PAUSES = """
id: f
namespace: tests
tasks:
  - {id: p, type: io.kestra.plugin.core.flow.Pause, delay: PT1S}
"""
FAILS = """
id: f
namespace: tests
tasks:
  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x, retry: {type: constant, interval: PT1S, maxAttempts: 2}}
"""


class Everybody:
    """Triggers ``t0`` to … that hear of everything."""

    def __init__(self, count: int = 1, needs: Any = None) -> None:
        self.hearers = [
            Hearer("tests", "listener", f"t{number}", 7, frozenset(State), needs or {})
            for number in range(count)
        ]

    def of(self, namespace: str, flow_id: str, state: State) -> list[Hearer]:
        return self.hearers


def told(rig: ExecutionRig) -> list[ExecutionMoved]:
    return rig.sent(ExecutionMoved)


def test_each_state_is_told_but_for_the_first() -> None:
    rig = started(FLOW, options={"audience": Everybody()}, labels={"team": "bi"})
    rig.report("a", outputs={"value": "x"})
    running, ended = told(rig)
    assert [each.moved.state for each in (running, ended)] == [State.RUNNING, State.SUCCESS]
    assert (ended.namespace, ended.flow_id, ended.trigger_id, ended.revision) == (
        "tests",
        "listener",
        "t0",
        7,
    )
    moved = ended.moved
    assert (moved.id, moved.namespace, moved.flow_id, moved.revision) == ("e1", "tests", "f", 1)
    assert moved.seq == rig.events_of("e1")[-1].seq
    assert moved.outputs == {"out": "x"}
    assert moved.labels == {"team": "bi", "system.correlationId": "e1"}
    assert (moved.first_failed, moved.last_task, moved.retried, moved.depth) == (None, "a", [], 0)
    assert moved.ended_at == rig.now
    assert running.moved.ended_at is None
    assert moved.seen == {}
    assert {out.key for out in rig.outbox if out.topic == "triggers.commands"} == {"tests/listener/t0"}


def test_what_templates_read_goes_with_it() -> None:
    needs = {"outputs": frozenset({"a"}), "inputs": None, "execution": None}
    rig = started(FLOW, options={"audience": Everybody(needs=needs)})
    rig.report("a", outputs={"value": "x"})
    seen = told(rig)[-1].moved.seen
    assert seen["outputs"] == {"a": {"value": "x"}}
    assert seen["inputs"] == {"n": 3}
    assert (seen["execution"]["id"], seen["execution"]["state"]) == ("e1", "SUCCESS")


def test_a_pause_and_its_end_are_told() -> None:
    rig = started(PAUSES, options={"audience": Everybody()})
    rig.wait(1_000)
    assert [each.moved.state.value for each in told(rig)] == [
        "RUNNING",
        "PAUSED",
        "RESTARTED",
        "RUNNING",
        "SUCCESS",
    ]


def test_retries_and_failures_are_told() -> None:
    rig = started(FAILS, options={"audience": Everybody()})
    rig.report("a", "failed")
    rig.wait(1_000)
    rig.report("a", "failed")
    moved = told(rig)[-1].moved
    assert (moved.state, moved.first_failed, moved.retried) == (State.FAILED, "a", [State.FAILED])


def test_iterations_and_tests_are_not_told() -> None:
    assert told(started(FLOW, options={"audience": Everybody()}, kind="TEST")) == []


def test_the_depth_goes_on() -> None:
    trigger = TriggerRef(id="t", type="io.kestra.plugin.core.trigger.Flow", depth=4)
    rig = started(FLOW, options={"audience": Everybody()}, trigger=trigger)
    assert told(rig)[-1].moved.depth == 4


def test_an_execution_that_cannot_start_is_told() -> None:
    rig = started(options={"audience": Everybody()})
    (ended,) = told(rig)
    assert ended.moved.state is State.FAILED


def test_outputs_that_are_too_much_for_one_record_are_left_out() -> None:
    rig = started(FLOW, options={"audience": Everybody(5)})
    rig.report("a", outputs={"value": "x" * 100_000})
    ended = [each.moved for each in told(rig) if each.moved.state is State.SUCCESS]
    assert [each.cut for each in ended] == [False, False, True, True, True]
    assert [bool(each.outputs) for each in ended] == [True, True, False, False, False]
