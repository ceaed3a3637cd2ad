"""Running what waits for a slot or a date, whatever these say."""

import pytest

from contracts.execution import PauseExecution, SlotGranted, SlotQueued, UnqueueExecution
from contracts.limit import ReleaseSlot
from contracts.states import State
from tests.support.rig import BEGIN
from tests.support.rig.executions import started
from tests.unit.executor.executions.flows import LINEAR

LIMITED = LINEAR.replace("labels:", "concurrency: {limit: 1}\nlabels:")


def unqueue(rig, **fields):
    return rig.when(UnqueueExecution(execution_id="e1", at=rig.now, **fields))


@pytest.mark.parametrize("force", [True, False])
def test_a_queued_execution_runs_and_leaves_the_queue(force):
    rig = started(LIMITED)
    rig.slot(SlotQueued)
    unqueue(rig, force=force)
    assert [state.value for state in rig.seen().histories] == ["CREATED", "QUEUED", "RUNNING"]
    assert len(rig.sent(ReleaseSlot)) == 1
    assert rig.slot(SlotGranted).events == []
    rig.run_to_end()
    assert rig.state() == "SUCCESS"


@pytest.mark.parametrize("state", [State.CANCELLED, State.FAILED])
def test_a_queued_execution_can_be_ended(state):
    rig = started(LIMITED)
    rig.slot(SlotQueued)
    unqueue(rig, state=state)
    assert rig.state() == state
    assert rig.states() == {}


def test_what_does_not_wait_goes_on():
    rig = started(LINEAR)
    assert unqueue(rig).events == unqueue(rig, force=True).events == []


def test_a_scheduled_execution_is_forced_to_run_now():
    rig = started(LINEAR, scheduled_at=BEGIN + 1_000)
    assert unqueue(rig).events == []
    unqueue(rig, force=True)
    assert rig.out() == ["a"]
    assert rig.timers == {}


def test_a_paused_execution_is_forced_to_go_on():
    rig = started(LINEAR)
    rig.when(PauseExecution(execution_id="e1", at=rig.now))
    unqueue(rig, force=True)
    assert rig.state() == "RUNNING"
