"""Service levels of a flow: a time, or a condition that must always hold."""

import pytest

from contracts.work import WithdrawAttempt
from tests.support.rig.executions import ExecutionRig, started

FLOW = """
id: f
namespace: tests
sla: [{id: s, LEVEL, behavior: BEHAVIOR, labels: {sla: miss}}]
tasks:
  - {id: a, type: io.kestra.plugin.core.debug.Return, format: a}
  - {id: b, type: io.kestra.plugin.core.debug.Return, format: b}
errors: [{id: e, type: io.kestra.plugin.core.log.Log, message: e}]
afterExecution: [{id: after, type: io.kestra.plugin.core.log.Log, message: a}]
"""
LATE = "type: MAX_DURATION, duration: PT5S"
RIGHT = "type: EXECUTION_ASSERTION, assert: \"{{ outputs.a.value == 'good' }}\""


def running(level: str, behavior: str) -> ExecutionRig:
    return started(FLOW.replace("LEVEL", level).replace("BEHAVIOR", behavior))


@pytest.mark.parametrize(("behavior", "state"), [("FAIL", "FAILED"), ("CANCEL", "CANCELLED")])
def test_a_late_execution_ends_with_what_runs(behavior, state):
    rig = running(LATE, behavior)
    rig.wait(5_000)
    assert (rig.state(), rig.states()["a"]) == (state, state)
    assert rig.seen().labels["sla"] == "miss"
    assert [each.task_run_id for each in rig.sent(WithdrawAttempt)] == [rig.run("a").id]
    assert rig.out() == ["after"]
    rig.report("after")
    assert rig.states() == {"a": state, "after": "SUCCESS"}
    assert rig.machine.open == 0
    rig.assert_rebuilds()


def test_an_execution_in_time_leaves_no_timer():
    rig = running(LATE, "FAIL")
    rig.report("a")
    rig.report("b")
    assert rig.state() == "SUCCESS"
    assert rig.timers == {}


def test_a_late_execution_may_go_on_with_a_label():
    rig = running(LATE, "NONE")
    rig.wait(5_000)
    assert (rig.state(), rig.seen().labels["sla"]) == ("RUNNING", "miss")
    assert rig.logs == ["SLA 's' violated: the execution takes longer than PT5S"]
    rig.assert_rebuilds()


def test_a_condition_holds_until_it_can_be_evaluated_and_the_log_says_so_once():
    rig = running(RIGHT, "FAIL")
    assert rig.state() == "RUNNING"
    rig.report("a", outputs={"value": "good"})
    assert rig.out() == ["b"]
    assert len(rig.logs) == 1
    rig.assert_rebuilds()


def test_a_condition_that_is_false_ends_the_execution_before_the_next_task():
    rig = running(RIGHT, "FAIL")
    rig.report("a", outputs={"value": "bad"})
    assert (rig.state(), rig.out()) == ("FAILED", ["after"])


def test_a_violation_acts_once():
    rig = running(RIGHT, "NONE")
    rig.report("a", outputs={"value": "bad"})
    rig.report("b")
    assert sum("violated" in line for line in rig.logs) == 1
