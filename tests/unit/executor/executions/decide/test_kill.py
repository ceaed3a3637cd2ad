from contracts.work import WithdrawAttempt
from tests.support.rig import BEGIN
from tests.support.rig.executions import started
from tests.unit.executor.executions.flows import CLEANING, LINEAR, PARALLEL, RETRYING
from tests.unit.executor.executions.test_flowable import WIDE


def test_kill_stops_what_runs_and_ends_when_the_worker_says_so():
    rig = started(PARALLEL)
    rig.kill()
    assert rig.state() == "KILLING"
    assert len(rig.sent(WithdrawAttempt)) == 2
    rig.report("a", "cancelled")
    assert rig.state() == "KILLING"
    rig.report("b")
    assert rig.states() == {"p": "KILLED", "a": "KILLED", "b": "SUCCESS"}
    assert rig.state() == "KILLED"
    rig.assert_rebuilds()


def test_a_second_kill_and_a_kill_after_the_end_do_nothing():
    rig = started(LINEAR)
    rig.kill()
    assert rig.kill().events == []
    rig.report("a", "cancelled")
    assert rig.state() == "KILLED"
    assert rig.kill().events == []
    assert rig.machine.open == 0


def test_kill_ends_a_retry_delay_at_once():
    rig = started(RETRYING)
    rig.report("a", "failed")
    rig.kill()
    assert rig.state() == "KILLED"
    assert rig.timers == {}


def test_lost_while_killing_is_killed_and_failed_is_not_retried():
    for outcome, state in (("lost", "KILLED"), ("failed", "FAILED")):
        rig = started(RETRYING)
        rig.kill()
        rig.report("a", outcome)
        assert rig.states() == {"a": state}
        assert rig.state() == "KILLED"


def test_after_execution_runs_when_killed_but_errors_and_finally_do_not():
    rig = started(CLEANING)
    rig.kill()
    rig.report("a", "cancelled")
    assert rig.state() == "KILLED"
    assert rig.out() == ["after"]
    rig.report("after")
    assert rig.machine.open == 0


def test_a_scheduled_execution_is_killed_at_once():
    rig = started(LINEAR, scheduled_at=BEGIN + 1000)
    rig.kill()
    assert rig.state() == "KILLED"
    assert rig.timers == {}


def test_a_wide_execution_is_killed_in_pieces():
    rig = started(WIDE, inputs={"values": str(list(range(450)))})
    rig.settle()
    rig.kill()
    rig.settle()
    assert len(rig.sent(WithdrawAttempt)) == 450
    for name in rig.out():
        rig.report(name, "cancelled")
    assert rig.state() == "KILLED"
    rig.assert_rebuilds()


def test_a_kill_stops_what_after_execution_runs_and_leaves_the_state():
    rig = started(CLEANING)
    for name in ("a", "b", "c", "z"):
        rig.report(name)
    rig.kill()
    assert [message.task_run_id for message in rig.sent(WithdrawAttempt)] == [rig.run("after").id]
    rig.report("after", "cancelled")
    assert rig.state() == "SUCCESS"
    assert rig.machine.open == 0
