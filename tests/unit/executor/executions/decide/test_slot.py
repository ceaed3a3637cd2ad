"""Flow concurrency (docs/language/flows.md#concurrency): processor limits decides, and the execution waits for its answer."""

from contracts.execution import SlotGranted, SlotQueued, SlotRefused
from contracts.limit import AcquireSlot, ReleaseSlot
from tests.support.rig.executions import ExecutionRig, started
from tests.unit.executor.executions.flows import LINEAR

LIMITED = LINEAR + "concurrency: {limit: 1, behavior: QUEUE}\n"


def test_it_asks_for_a_slot_and_waits():
    rig = started(LIMITED)
    (acquire,) = rig.sent(AcquireSlot)
    assert (acquire.limit_key, acquire.limit, acquire.behavior) == ("flow:tests/f", 1, "QUEUE")
    assert rig.state() == "CREATED"
    rig.slot(SlotGranted)
    assert rig.states() == {"a": "SUBMITTED"}
    assert rig.slot(SlotGranted).events == []
    assert rig.slot(SlotQueued).events == []
    rig.run_to_end()
    assert len(rig.sent(ReleaseSlot)) == 1


def test_queued_then_granted():
    rig = started(LIMITED)
    rig.slot(SlotQueued)
    assert rig.slot(SlotQueued).events == []
    assert rig.state() == "QUEUED"
    rig.slot(SlotGranted)
    assert [state.value for state in rig.seen().histories] == ["CREATED", "QUEUED", "RUNNING"]


def test_killed_in_the_queue_it_leaves_the_queue_and_a_late_grant_does_nothing():
    rig = started(LIMITED)
    rig.slot(SlotQueued)
    rig.kill()
    assert rig.state() == "KILLED"
    assert len(rig.sent(ReleaseSlot)) == 1
    assert rig.slot(SlotGranted).events == []


def test_refused_executions_end_as_the_behaviour_says():
    for behavior, state in (("FAIL", "FAILED"), ("CANCEL", "CANCELLED")):
        rig = started(LIMITED)
        rig.slot(SlotRefused, behavior=behavior)
        assert rig.state() == state
        assert rig.states() == {}
        assert f"Execution is {state} due to concurrency limit exceeded" in rig.logs


def test_the_limit_of_the_latest_revision_applies():
    rig = ExecutionRig(LIMITED, LINEAR)
    rig.start("f", revision=1)
    assert rig.state() == "RUNNING"
    rig.flows.add(LIMITED.replace("limit: 1", "limit: 7"))
    rig.start("f", "e2", revision=1)
    assert rig.sent(AcquireSlot)[0].limit == 7


def test_a_restart_takes_a_slot_again():
    rig = started(LIMITED)
    rig.slot(SlotGranted)
    rig.report("a", "failed")
    rig.restart_execution()
    assert rig.state() == "RESTARTED"
    assert len(rig.sent(AcquireSlot)) == 2
    rig.slot(SlotQueued)
    rig.assert_rebuilds()
    rig.slot(SlotGranted)
    assert rig.states() == {"a": "SUBMITTED"}


def test_an_execution_that_was_refused_restarts_from_the_beginning():
    rig = started(LIMITED)
    rig.slot(SlotRefused, behavior="FAIL")
    rig.restart_execution()
    rig.slot(SlotGranted)
    rig.run_to_end()
    assert rig.state() == "SUCCESS"
