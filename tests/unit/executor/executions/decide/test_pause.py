"""Pauses: by a task, by a caller; resumed by a caller, by a time, with inputs; killed; after a crash."""

import pytest

from contracts.execution import PauseExecution, RestartExecution, ResumeExecution
from contracts.states import State
from tests.support.rig.executions import started

PAUSING = """
id: f
namespace: tests
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
  - {id: p, type: io.kestra.plugin.core.flow.Pause}
  - {id: b, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.p.resumed.to }}"}
"""
ASKING = """
id: f
namespace: tests
tasks:
  - id: p
    type: io.kestra.plugin.core.flow.Pause
    onResume:
      - {id: reason, type: STRING}
      - {id: amount, type: INT, defaults: 3}
  - {id: b, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.p.onResume.reason }}"}
"""
TIMED = """
id: f
namespace: tests
tasks:
  - {id: p, type: io.kestra.plugin.core.flow.Pause, PROPERTIES}
  - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
errors:
  - {id: e, type: io.kestra.plugin.core.log.Log, message: e}
"""
TWO = """
id: f
namespace: tests
tasks:
  - id: par
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {id: p, type: io.kestra.plugin.core.flow.Pause}
      - {id: q, type: io.kestra.plugin.core.flow.Pause}
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
  - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
"""


def resume(rig, **fields):
    return rig.when(ResumeExecution(execution_id="e1", at=rig.now, **fields))


def hold(rig):
    return rig.when(PauseExecution(execution_id="e1", at=rig.now))


def test_a_pause_waits_until_somebody_resumes_it():
    rig = started(PAUSING)
    rig.report("a")
    assert rig.state() == "PAUSED"
    assert rig.states() == {"a": "SUCCESS", "p": "PAUSED"}
    rig.assert_rebuilds()
    rig.restart()
    resume(rig, by="ann")
    assert [state.value for state in rig.seen().histories] == [
        "CREATED",
        "RUNNING",
        "PAUSED",
        "RESTARTED",
        "RUNNING",
    ]
    assert rig.run("p").state == "SUCCESS"
    assert rig.run("p").outputs["resumed"]["by"] == "ann"
    rig.report("b")
    assert rig.state() == "SUCCESS"
    rig.assert_rebuilds()


def test_a_resume_of_what_is_not_paused_does_nothing():
    rig = started(PAUSING)
    assert resume(rig).events == []
    rig.report("a")
    resume(rig)
    assert resume(rig).events == []


def test_a_resume_gives_typed_inputs_as_outputs():
    rig = started(ASKING)
    resume(rig, inputs={"reason": "yes"})
    assert rig.run("p").outputs["onResume"] == {"reason": "yes", "amount": 3}
    assert rig.out() == ["b"]


def test_inputs_that_do_not_fit_resume_nothing_and_are_logged():
    rig = started(ASKING)
    resume(rig, inputs={"reason": "yes", "amount": "many"})
    assert rig.state() == "PAUSED"
    assert "amount" in rig.logs[-1]


@pytest.mark.parametrize(
    ("properties", "run", "execution"),
    [
        ("pauseDuration: PT10S", "SUCCESS", "SUCCESS"),
        ("delay: PT10S", "SUCCESS", "SUCCESS"),
        ("pauseDuration: '{{ \"PT\" }}10S'", "SUCCESS", "SUCCESS"),
        ("pauseDuration: PT10S, behavior: warn", "WARNING", "WARNING"),
        ("pauseDuration: PT10S, behavior: FAIL", "FAILED", "FAILED"),
        ("pauseDuration: PT10S, behavior: FAIL, allowFailure: true", "WARNING", "WARNING"),
        ("pauseDuration: PT10S, behavior: '{{ \"CANCEL\" }}'", "CANCELLED", "CANCELLED"),
        ("timeout: PT10S", "FAILED", "FAILED"),
        ("timeout: PT10S, allowFailure: true", "WARNING", "WARNING"),
        ("delay: PT10S, timeout: PT5S", "SUCCESS", "SUCCESS"),
    ],
)
def test_a_time_ends_a_pause_as_its_behaviour_says(properties, run, execution):
    rig = started(TIMED.replace("PROPERTIES", properties))
    rig.wait(9_999)
    assert rig.state() == "PAUSED"
    rig.wait(1)
    assert rig.run("p").state == run
    rig.assert_rebuilds()
    rig.run_to_end()
    assert rig.state() == execution
    assert ("e" in rig.states()) == (execution == "FAILED")


def test_a_time_after_a_resume_by_hand_does_nothing():
    rig = started(TIMED.replace("PROPERTIES", "pauseDuration: PT10S, behavior: FAIL"))
    resume(rig)
    assert rig.timers == {}
    assert rig.run("p").state == "SUCCESS"


def test_a_wrong_behaviour_fails_the_task_and_says_which_are_right():
    rig = started(TIMED.replace("PROPERTIES", "pauseDuration: PT1S, behavior: '{{ \"SLEEP\" }}'"))
    assert rig.run("p").state == "FAILED"
    assert "RESUME, WARN, FAIL, CANCEL" in rig.run("p").message


def test_two_pauses_are_resumed_one_by_one():
    rig = started(TWO)
    assert rig.state() == "PAUSED"
    rig.report("a")
    resume(rig)
    assert rig.states() == {"par": "RUNNING", "p": "SUCCESS", "q": "PAUSED", "a": "SUCCESS"}
    assert rig.state() == "PAUSED"
    resume(rig)
    assert rig.out() == ["b"]
    assert rig.state() == "RUNNING"


def test_a_kill_ends_a_paused_execution_and_its_timer():
    rig = started(TIMED.replace("PROPERTIES", "pauseDuration: PT10S"))
    rig.kill()
    assert (rig.state(), rig.states()) == ("KILLED", {"p": "KILLED"})
    assert rig.timers == {}
    assert resume(rig).events == []


def test_a_pause_of_the_execution_lets_nothing_begin():
    rig = started(PAUSING.replace("flow.Pause", "flow.Sleep, duration: PT1S"))
    hold(rig)
    assert rig.state() == "PAUSED"
    rig.report("a")
    assert rig.out() == []
    rig.assert_rebuilds()
    rig.restart(snapshot=True)
    resume(rig)
    assert rig.out() == ["p"]
    assert rig.state() == "RUNNING"


def test_a_retry_that_is_due_while_the_execution_is_held_comes_after_it():
    rig = started(
        PAUSING.replace("message: a", "message: a, retry: {type: constant, interval: PT5S, maxAttempts: 2}")
    )
    hold(rig)
    rig.report("a", "failed")
    rig.wait(6_000)
    assert rig.out() == []
    resume(rig)
    assert rig.out() == ["a"]


def test_a_held_execution_can_be_killed():
    rig = started(PAUSING)
    hold(rig)
    rig.kill()
    rig.report("a", "cancelled")
    assert rig.state() == "KILLED"


def test_a_pause_of_what_does_not_run_does_nothing():
    rig = started(PAUSING)
    rig.report("a")
    assert hold(rig).events == []


def test_on_pause_runs_while_it_is_paused_and_tasks_run_afterwards():
    rig = started(
        PAUSING.replace(
            "type: io.kestra.plugin.core.flow.Pause",
            "type: io.kestra.plugin.core.flow.Pause, "
            "onPause: {id: tell, type: io.kestra.plugin.core.log.Log, message: x}, "
            "tasks: [{id: old, type: io.kestra.plugin.core.log.Log, message: y}]",
        )
    )
    rig.report("a")
    assert rig.out() == ["tell"]
    rig.report("tell", "failed")
    assert rig.state() == "PAUSED"
    resume(rig)
    assert rig.out() == ["old"]
    rig.report("old")
    assert rig.run("p").state == "SUCCESS"
    assert rig.out() == ["b"]


def test_a_restart_of_a_paused_execution_resumes_it():
    rig = started(PAUSING)
    rig.report("a")
    rig.when(RestartExecution(execution_id="e1", at=rig.now))
    assert rig.run("p").state is State.SUCCESS


def test_a_pause_after_the_end_is_resumed_and_changes_no_state():
    source = PAUSING.replace("  - {id: p,", "afterExecution:\n  - {id: p,")
    rig = started(source)
    rig.report("a")
    assert (rig.state(), rig.states()) == ("SUCCESS", {"a": "SUCCESS", "p": "PAUSED"})
    resume(rig)
    rig.report("b")
    assert (rig.state(), rig.machine.open) == ("SUCCESS", 0)
    assert rig.states() == {"a": "SUCCESS", "p": "SUCCESS", "b": "SUCCESS"}
