"""Flow concurrency (docs/language/flows.md#concurrency): processor limits decides, the execution waits for its answer."""

from tests.support.spec import (
    AcquireSlot,
    FlowBook,
    ReleaseSlot,
    SlotGranted,
    SlotQueued,
    SlotRefused,
    World,
)
from tests.unit.executor.executions.flows import LINEAR

LIMITED = LINEAR + "concurrency: {limit: 1, behavior: QUEUE}\n"


def world_of(source: str = LIMITED) -> World:
    world = World(FlowBook(source))
    world.start("f")
    return world


def test_it_asks_for_a_slot_and_waits():
    world = world_of()
    (acquire,) = world.sent(AcquireSlot)
    assert (acquire.limit_key, acquire.limit, acquire.behavior) == ("flow:tests/f", 1, "QUEUE")
    assert world.state() == "CREATED"
    world.slot(SlotGranted)
    assert world.states() == {"a": "SUBMITTED"}
    assert world.slot(SlotGranted).events == []
    assert world.slot(SlotQueued).events == []
    world.run_to_end()
    assert len(world.sent(ReleaseSlot)) == 1


def test_queued_then_granted():
    world = world_of()
    world.slot(SlotQueued)
    assert world.slot(SlotQueued).events == []
    assert world.state() == "QUEUED"
    world.slot(SlotGranted)
    assert [state.value for state in world.seen().histories] == ["CREATED", "QUEUED", "RUNNING"]


def test_killed_in_the_queue_it_leaves_the_queue_and_a_late_grant_does_nothing():
    world = world_of()
    world.slot(SlotQueued)
    world.kill()
    assert world.state() == "KILLED"
    assert len(world.sent(ReleaseSlot)) == 1
    assert world.slot(SlotGranted).events == []


def test_refused_executions_end_as_the_behaviour_says():
    for behavior, state in (("FAIL", "FAILED"), ("CANCEL", "CANCELLED")):
        world = world_of()
        world.slot(SlotRefused, behavior=behavior)
        assert world.state() == state
        assert world.states() == {}
        assert f"Execution is {state} due to concurrency limit exceeded" in world.logs


def test_the_limit_of_the_latest_revision_applies():
    flows = FlowBook(LIMITED, LINEAR)
    world = World(flows)
    world.start("f", revision=1)
    assert world.state() == "RUNNING"
    flows.add(LIMITED.replace("limit: 1", "limit: 7"))
    world.start("f", "e2", revision=1)
    assert world.sent(AcquireSlot)[0].limit == 7


def test_a_restart_takes_a_slot_again():
    world = world_of()
    world.slot(SlotGranted)
    world.report("a", "failed")
    world.restart()
    assert world.state() == "RESTARTED"
    assert len(world.sent(AcquireSlot)) == 2
    world.slot(SlotQueued)
    world.assert_rebuilds()
    world.slot(SlotGranted)
    assert world.states() == {"a": "SUBMITTED"}


def test_an_execution_that_was_refused_restarts_from_the_beginning():
    world = world_of()
    world.slot(SlotRefused, behavior="FAIL")
    world.restart()
    world.slot(SlotGranted)
    world.run_to_end()
    assert world.state() == "SUCCESS"
