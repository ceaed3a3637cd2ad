"""Deadlines of flowables, and what stops the open tasks below one."""

from contracts.work import WithdrawAttempt
from tests.support.rig.executions import started

SEQUENTIAL = """
id: f
namespace: tests
tasks:
  - id: seq
    type: io.kestra.plugin.core.flow.Sequential
    timeout: PT5S
    tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: a}, {id: b, type: io.kestra.plugin.core.log.Log, message: b}]
    errors: [{id: e, type: io.kestra.plugin.core.log.Log, message: e}]
"""
UNTIL = """
id: f
namespace: tests
tasks:
  - id: loop
    type: io.kestra.plugin.core.flow.LoopUntil
    condition: "false"
    checkFrequency: {interval: PT1S, maxDuration: PT5S}
    failOnMaxReached: FAILS
    tasks: [{id: a, type: io.kestra.plugin.core.log.Log, message: a}]
  - {id: last, type: io.kestra.plugin.core.log.Log, message: last}
"""


def test_a_timeout_fails_what_runs_and_its_errors_follow():
    rig = started(SEQUENTIAL)
    rig.wait(5_000)
    assert rig.states() == {"seq": "RUNNING", "a": "FAILED", "e": "SUBMITTED"}
    assert [each.task_run_id for each in rig.sent(WithdrawAttempt)] == [rig.run("a").id]
    assert rig.logs == ["Timeout after PT5S"]
    rig.assert_rebuilds()
    rig.report("e")
    assert (rig.state(), rig.states()["seq"], rig.timers) == ("FAILED", "FAILED", {})


def test_a_flowable_in_time_leaves_no_timer():
    rig = started(SEQUENTIAL)
    rig.report("a")
    rig.report("b")
    assert (rig.state(), rig.timers) == ("SUCCESS", {})


def test_the_time_of_a_loop_ends_a_round_that_runs_and_the_loop_ends_well():
    rig = started(UNTIL.replace("FAILS", "false"))
    rig.report("a")
    rig.wait(1_000)
    assert rig.out() == ["a"]
    rig.wait(4_000)
    assert rig.states() == {"loop": "SUCCESS", "a": "CANCELLED", "last": "SUBMITTED"}
    rig.assert_rebuilds()


def test_the_time_of_a_loop_may_fail_it():
    rig = started(UNTIL.replace("FAILS", "true"))
    rig.wait(5_000)
    assert (rig.state(), rig.states()) == ("FAILED", {"loop": "FAILED", "a": "FAILED"})
    assert rig.machine.open == 0
