"""Breakpoints: where an execution stops, what begins afterwards, and what a kill, a crash and other branches do to it."""

from contracts.execution import KillExecution, PauseExecution, ResumeExecution, ResumeFromBreakpoint
from tests.support.rig.executions import started

LINE = """
id: f
namespace: tests
tasks:
  - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
  - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
  - {id: c, type: io.kestra.plugin.core.log.Log, message: c}
"""
BESIDE = """
id: f
namespace: tests
tasks:
  - id: par
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
      - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
      - {id: c, type: io.kestra.plugin.core.log.Log, message: c}
  - {id: last, type: io.kestra.plugin.core.log.Log, message: last}
"""
PAUSED = """
id: f
namespace: tests
tasks:
  - id: par
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {id: p, type: io.kestra.plugin.core.flow.Pause}
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
"""


def go_on(rig, *breakpoints):
    return rig.when(ResumeFromBreakpoint(execution_id="e1", at=rig.now, breakpoints=list(breakpoints)))


def test_an_execution_stops_before_the_task_and_goes_on():
    rig = started(LINE, breakpoints=["b"])
    rig.report("a")
    assert rig.state() == "BREAKPOINT"
    assert rig.states() == {"a": "SUCCESS", "b": "BREAKPOINT"}
    rig.assert_rebuilds()
    rig.restart()
    go_on(rig)
    assert rig.state() == "RUNNING"
    assert rig.states() == {"a": "SUCCESS", "b": "SUBMITTED"}
    assert [state.value for state in rig.run("b").histories] == ["CREATED", "BREAKPOINT", "SUBMITTED"]
    rig.report("b")
    rig.report("c")
    assert rig.state() == "SUCCESS"


def test_it_stops_once_at_each_of_several():
    rig = started(LINE, breakpoints=["a", "c"])
    assert rig.states() == {"a": "BREAKPOINT"}
    go_on(rig, "a", "c")
    assert rig.states() == {"a": "SUBMITTED"}
    rig.report("a")
    rig.report("b")
    assert rig.states()["c"] == "BREAKPOINT"


def test_without_new_breakpoints_there_are_none_any_more():
    rig = started(LINE, breakpoints=["a", "c"])
    go_on(rig)
    rig.report("a")
    rig.report("b")
    assert rig.states()["c"] == "SUBMITTED"


def test_nothing_begins_beside_it_and_what_runs_goes_on():
    rig = started(BESIDE, breakpoints=["b"])
    assert rig.states() == {"par": "RUNNING", "a": "SUBMITTED", "b": "BREAKPOINT"}
    rig.report("a")
    assert rig.state() == "BREAKPOINT"
    go_on(rig)
    assert rig.states() == {"par": "RUNNING", "a": "SUCCESS", "b": "SUBMITTED", "c": "SUBMITTED"}


def test_a_flowable_stops_before_it_opens():
    rig = started(BESIDE, breakpoints=["par"])
    assert rig.states() == {"par": "BREAKPOINT"}
    go_on(rig)
    assert rig.states() == {"par": "RUNNING", "a": "SUBMITTED", "b": "SUBMITTED", "c": "SUBMITTED"}


def test_a_kill_ends_what_stopped():
    rig = started(LINE, breakpoints=["a"])
    rig.when(KillExecution(execution_id="e1", at=rig.now))
    assert rig.state() == "KILLED"
    assert rig.states() == {"a": "KILLED"}


def test_a_pause_of_another_branch_stays():
    rig = started(PAUSED, breakpoints=["a"])
    assert rig.state() == "BREAKPOINT"
    rig.when(ResumeExecution(execution_id="e1", at=rig.now))
    assert rig.states() == {"par": "RUNNING", "p": "PAUSED", "a": "BREAKPOINT"}
    go_on(rig)
    assert rig.state() == "PAUSED"
    assert rig.states() == {"par": "RUNNING", "p": "PAUSED", "a": "SUBMITTED"}


def test_elsewhere_the_command_means_nothing():
    rig = started(LINE)
    assert not go_on(rig).events
    rig.when(PauseExecution(execution_id="e1", at=rig.now))
    assert not go_on(rig).events
    assert rig.state() == "PAUSED"
