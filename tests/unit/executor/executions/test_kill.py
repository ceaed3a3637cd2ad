from contracts.execution import KillExecution
from tests.support.spec import FlowBook, WithdrawAttempt, World
from tests.unit.executor.executions.flows import CLEANING, LINEAR, PARALLEL, RETRYING
from tests.unit.executor.executions.test_flowable import WIDE


def world_of(source: str, **start) -> World:
    world = World(FlowBook(source))
    world.start("f", **start)
    return world


def test_kill_stops_what_runs_and_ends_when_the_worker_says_so():
    world = world_of(PARALLEL)
    world.kill()
    assert world.state() == "KILLING"
    assert len(world.sent(WithdrawAttempt)) == 2
    world.report("a", "cancelled")
    assert world.state() == "KILLING"
    world.report("b")
    assert world.states() == {"p": "KILLED", "a": "KILLED", "b": "SUCCESS"}
    assert world.state() == "KILLED"
    world.assert_rebuilds()


def test_a_second_kill_and_a_kill_after_the_end_do_nothing():
    world = world_of(LINEAR)
    world.kill()
    assert world.kill().events == []
    world.report("a", "cancelled")
    assert world.state() == "KILLED"
    assert world.kill().events == []
    assert world.machine.open == 0


def test_kill_ends_a_retry_delay_at_once():
    world = world_of(RETRYING)
    world.report("a", "failed")
    world.kill()
    assert world.state() == "KILLED"
    assert world.timers == {}


def test_lost_while_killing_is_killed_and_failed_is_not_retried():
    for outcome, state in (("lost", "KILLED"), ("failed", "FAILED")):
        world = world_of(RETRYING)
        world.kill()
        world.report("a", outcome)
        assert world.states() == {"a": state}
        assert world.state() == "KILLED"


def test_after_execution_runs_when_killed_but_errors_and_finally_do_not():
    world = world_of(CLEANING)
    world.kill()
    world.report("a", "cancelled")
    assert world.state() == "KILLED"
    assert world.out() == ["after"]
    world.report("after")
    assert world.machine.open == 0


def test_a_scheduled_execution_is_killed_at_once():
    world = world_of(LINEAR, scheduled_at=World(FlowBook()).at + 1000)
    world.kill()
    assert world.state() == "KILLED"
    assert world.timers == {}


def test_a_kill_read_before_its_start_applies_when_the_start_comes():
    world = World(FlowBook(LINEAR))
    assert world.kill().events != []
    assert world.kill().events == []
    world.pass_time(59_000)
    world.assert_rebuilds()
    world.start("f")
    assert world.state() == "KILLED"
    assert world.timers == {}


def test_a_kill_whose_start_does_not_come_is_forgotten():
    world = World(FlowBook(LINEAR))
    world.kill()
    world.pass_time(60_000)
    assert world.timers == {}
    world.start("f")
    assert world.state() == "RUNNING"


def test_the_number_of_remembered_kills_is_bounded():
    world = World(FlowBook(LINEAR))
    for number in range(10_000):
        world.machine.step(KillExecution(execution_id=str(number), at=world.at), world.at)
    assert world.kill().events == []


def test_a_wide_execution_is_killed_in_pieces():
    world = world_of(WIDE, inputs={"values": str(list(range(450)))})
    world.settle()
    world.kill()
    world.settle()
    assert len(world.sent(WithdrawAttempt)) == 450
    for name in world.out():
        world.report(name, "cancelled")
    assert world.state() == "KILLED"
    world.assert_rebuilds()


def test_a_kill_stops_what_after_execution_runs_and_leaves_the_state():
    world = world_of(CLEANING)
    for name in ("a", "b", "c", "z"):
        world.report(name)
    world.kill()
    assert [message.task_run_id for message in world.sent(WithdrawAttempt)] == [world.run("after").id]
    world.report("after", "cancelled")
    assert world.state() == "SUCCESS"
    assert world.machine.open == 0
