"""The entrance of executions: what it accepts, and the effect of a bug."""

from json import loads
from typing import Any

import pytest

from contracts.execution import StartExecution
from contracts.limit import ReleaseSlot
from contracts.machine import Logged
from contracts.trigger import UnlockTrigger
from tests.support.rig import BEGIN
from tests.support.rig.executions import ExecutionRig
from tests.unit.executor.executions.flows import LINEAR


def test_the_same_id_again_changes_nothing_before_and_after_its_end():
    rig = ExecutionRig(LINEAR)
    rig.start("f")
    assert rig.start("f").events == []
    rig.run_to_end()
    assert rig.start("f").events == []


DAY_MS = 86_400_000
LIMITED = "concurrency: {limit: 1}\n" + LINEAR.strip()


def start(at: int, **fields: Any) -> StartExecution:
    return StartExecution(execution_id="e1", namespace="tests", flow_id="f", at=at, **fields)


@pytest.mark.parametrize(
    ("requested", "logged", "reason"),
    [
        (BEGIN - DAY_MS - 1, BEGIN - DAY_MS - 1, "waited in its topic since"),
        (BEGIN - DAY_MS - 1, BEGIN, "check the clock of its writer"),
    ],
    ids=["a long outage of the executor", "an old start that is sent again"],
)
def test_a_start_older_than_the_window_fails_visibly_and_unlocks_what_it_held(
    requested: int, logged: int, reason: str
):
    rig = ExecutionRig(LIMITED)
    rig.when(Logged(start(requested, trigger_key="tests/f/t"), logged))
    assert rig.state() == "FAILED"
    assert reason in rig.seen().reason
    assert reason in rig.logs[0]
    assert [unlock.execution_id for unlock in rig.sent(UnlockTrigger)] == ["e1"]
    assert [release.execution_id for release in rig.sent(ReleaseSlot)] == ["e1"]
    assert rig.out() == []
    rig.assert_rebuilds()


def test_a_writer_whose_clock_is_some_hours_behind_starts_executions_after_a_short_outage():
    rig = ExecutionRig(LINEAR)
    rig.when(Logged(start(BEGIN - DAY_MS), BEGIN - 2 * 3_600_000))
    assert rig.state() == "RUNNING"


@pytest.mark.parametrize(
    "inputs",
    [{"big": "x" * 880_000}, {"deep": loads("[" * 127 + "]" * 127)}],
    ids=["too large", "too deep"],
)
def test_a_start_whose_values_no_record_can_hold_fails_visibly_in_its_first_step(inputs: dict[str, Any]):
    rig = ExecutionRig(LINEAR)
    rig.when(Logged(start(BEGIN, inputs=inputs, trigger_key="tests/f/t"), BEGIN))
    assert rig.state() == "FAILED"
    assert "They are dropped" in rig.seen().reason
    assert rig.seen().inputs == {}
    assert len(rig.sent(UnlockTrigger)) == 1


def test_a_start_that_names_no_possible_trigger_ends_like_any_other():
    rig = ExecutionRig(LINEAR)
    rig.start("f", trigger_key="nothing")
    rig.run_to_end()
    assert rig.state() == "SUCCESS"


def test_a_step_that_raised_fails_only_its_execution():
    rig = ExecutionRig(LINEAR)
    rig.start("f")
    rig.start("f", "e2")
    rig.when_it_raised(rig.outcome("a"), "Traceback: boom")
    rig.settle()
    assert sorted(each.state.value for each in rig.projection.executions.values()) == ["FAILED", "RUNNING"]
    assert any("Internal error: Traceback: boom" in line for line in rig.logs)
    start = StartExecution(execution_id="e3", namespace="tests", flow_id="f", at=rig.now)
    rig.when_it_raised(start, "boom")
    assert rig.state("e3") == "FAILED"
    rig.assert_rebuilds()
