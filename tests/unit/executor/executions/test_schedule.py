"""Sequential lists, errors, finally, afterExecution: whole traces, and the rules of docs/language/tasks.md#errors."""

from tests.support.rig.executions import started
from tests.unit.executor.executions.flows import CLEANING


def test_trace_a_failure_runs_errors_then_finally_then_after_execution():
    rig = started(CLEANING)
    rig.report("a")
    rig.report("b", "failed", message="no")
    assert rig.out() == ["e"]
    rig.report("e")
    assert rig.out() == ["z"]
    assert rig.attempt("z").run.variables["execution"]["state"] == "RUNNING"
    rig.report("z")
    assert rig.state() == "FAILED"
    assert rig.attempt("after").run.variables["execution"]["state"] == "FAILED"
    rig.report("after")
    assert rig.states() == {
        "a": "SUCCESS",
        "b": "FAILED",
        "e": "SUCCESS",
        "z": "SUCCESS",
        "after": "SUCCESS",
    }
    assert rig.machine.open == 0
    rig.assert_rebuilds()


def test_trace_a_restart_runs_the_failed_task_again_and_what_follows():
    rig = started(CLEANING)
    rig.report("a")
    rig.report("b", "failed")
    for name in ("e", "z", "after"):
        rig.report(name)
    rig.restart_execution()
    assert rig.states() == {"a": "SUCCESS", "b": "SUBMITTED"}
    assert rig.attempt("b").run.attempt == 2
    assert rig.seen().labels["system.restarted"] == "true"
    rig.assert_rebuilds()
    rig.report("b")
    rig.report("c")
    rig.report("z")
    rig.report("after")
    assert rig.state() == "SUCCESS"
    assert [state.value for state in rig.seen().histories] == [
        "CREATED",
        "RUNNING",
        "FAILED",
        "RESTARTED",
        "RUNNING",
        "SUCCESS",
    ]
    rig.assert_rebuilds()


def test_without_failure_finally_runs_and_errors_do_not():
    rig = started(CLEANING)
    rig.run_to_end()
    assert rig.state() == "SUCCESS"
    assert list(rig.states()) == ["a", "b", "c", "z", "after"]


def test_failures_in_errors_finally_and_after_execution_do_not_change_the_result():
    rig = started(CLEANING)
    rig.run_to_end(lambda run: "failed" if run.task_id in ("z", "after") else "succeeded")
    assert rig.state() == "SUCCESS"


def test_disabled_tasks_are_not_there():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a, disabled: true}
    """
    rig = started(flow)
    assert rig.state() == "SUCCESS"
    assert rig.states() == {}


def test_nested_sequential_with_its_own_errors_and_finally():
    flow = """
    id: f
    namespace: tests
    tasks:
      - id: s
        type: io.kestra.plugin.core.flow.Sequential
        allowFailure: true
        tasks:
          - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
          - {id: b, type: io.kestra.plugin.core.log.Log, message: b}
        errors:
          - {id: e, type: io.kestra.plugin.core.log.Log, message: e}
        finally:
          - {id: z, type: io.kestra.plugin.core.log.Log, message: z}
      - {id: last, type: io.kestra.plugin.core.log.Log, message: last}
    """
    rig = started(flow)
    rig.report("a", "failed")
    rig.report("e")
    rig.report("z")
    assert rig.states() == {
        "s": "WARNING",
        "a": "FAILED",
        "e": "SUCCESS",
        "z": "SUCCESS",
        "last": "SUBMITTED",
    }
    rig.report("last")
    assert rig.state() == "WARNING"
    rig.assert_rebuilds()


def test_flowables_in_after_execution_run_completely():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
    afterExecution:
      - id: p
        type: io.kestra.plugin.core.flow.Parallel
        onChildFailure: CONTINUE
        tasks:
          - {id: x, type: io.kestra.plugin.core.log.Log, message: x}
          - {id: y, type: io.kestra.plugin.core.log.Log, message: y}
    """
    rig = started(flow)
    rig.report("a")
    assert rig.state() == "SUCCESS"
    assert rig.out() == ["x", "y"]
    rig.report("x", "failed")
    rig.report("y")
    assert rig.states() == {"a": "SUCCESS", "p": "FAILED", "x": "FAILED", "y": "SUCCESS"}
    assert rig.state() == "SUCCESS"
    assert rig.machine.open == 0
