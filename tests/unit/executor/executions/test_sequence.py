"""Sequential lists, errors, finally, afterExecution: whole traces, and the rules of docs/language/tasks.md#errors."""

from tests.support.spec import FlowBook, World
from tests.unit.executor.executions.flows import CLEANING, RETRYING


def world_of(*sources: str) -> World:
    world = World(FlowBook(*sources))
    world.start("f")
    return world


def test_trace_a_failure_runs_errors_then_finally_then_after_execution():
    world = world_of(CLEANING)
    world.report("a")
    world.report("b", "failed", message="no")
    assert world.out() == ["e"]
    world.report("e")
    assert world.out() == ["z"]
    assert world.attempt("z").run.variables["execution"]["state"] == "RUNNING"
    world.report("z")
    assert world.state() == "FAILED"
    assert world.attempt("after").run.variables["execution"]["state"] == "FAILED"
    world.report("after")
    assert world.states() == {
        "a": "SUCCESS",
        "b": "FAILED",
        "e": "SUCCESS",
        "z": "SUCCESS",
        "after": "SUCCESS",
    }
    assert world.machine.open == 0
    world.assert_rebuilds()


def test_trace_a_restart_runs_the_failed_task_again_and_what_follows():
    world = world_of(CLEANING)
    world.report("a")
    world.report("b", "failed")
    for name in ("e", "z", "after"):
        world.report(name)
    world.restart()
    assert world.states() == {"a": "SUCCESS", "b": "SUBMITTED"}
    assert world.attempt("b").run.attempt == 2
    assert world.seen().labels["system.restarted"] == "true"
    world.assert_rebuilds()
    world.report("b")
    world.report("c")
    world.report("z")
    world.report("after")
    assert world.state() == "SUCCESS"
    assert [state.value for state in world.seen().histories] == [
        "CREATED",
        "RUNNING",
        "FAILED",
        "RESTARTED",
        "RUNNING",
        "SUCCESS",
    ]
    world.assert_rebuilds()


def test_without_failure_finally_runs_and_errors_do_not():
    world = world_of(CLEANING)
    world.run_to_end()
    assert world.state() == "SUCCESS"
    assert list(world.states()) == ["a", "b", "c", "z", "after"]


def test_failures_in_errors_finally_and_after_execution_do_not_change_the_result():
    world = world_of(CLEANING)
    world.run_to_end(lambda run: "failed" if run.task_id in ("z", "after") else "succeeded")
    assert world.state() == "SUCCESS"


def test_trace_b_retries_on_one_task_run_then_errors():
    world = world_of(RETRYING)
    for attempt in (1, 2):
        world.report("a", "failed")
        assert world.state() == "RETRYING"
        assert world.run("a").state == "RETRYING"
        world.pass_time(9_999)
        assert world.out() == []
        world.pass_time(1)
        assert world.state() == "RUNNING"
        assert world.attempt("a").run.attempt == attempt + 1
        assert world.attempt("a").run.variables["taskrun"]["attemptsCount"] == attempt
    world.report("a", "failed")
    assert world.out() == ["e"]
    world.report("e")
    assert world.state() == "FAILED"
    one = ["SUBMITTED", "RUNNING", "RETRYING"]
    assert [state.value for state in world.run("a").histories] == [
        *one,
        *one,
        "SUBMITTED",
        "RUNNING",
        "FAILED",
    ]
    world.assert_rebuilds()


def test_allow_failure_and_allow_warning_map_the_last_outcome():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a, allowFailure: true}
      - {id: b, type: io.kestra.plugin.core.log.Log, message: b, allowFailure: true, allowWarning: true}
      - {id: c, type: io.kestra.plugin.core.log.Log, message: c, allowWarning: true}
    """
    world = world_of(flow)
    world.report("a", "failed")
    world.report("b", "failed")
    world.report("c", "warned")
    assert world.states() == {"a": "WARNING", "b": "SUCCESS", "c": "SUCCESS"}
    assert world.state() == "WARNING"


def test_run_if_false_skips_and_an_error_in_it_fails():
    flow = """
    id: f
    namespace: tests
    inputs:
      - {id: on, type: BOOLEAN, defaults: false}
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a, runIf: "{{ inputs.on }}"}
      - {id: b, type: io.kestra.plugin.core.log.Log, message: b, runIf: "{{ inputs.on == false }}"}
      - {id: c, type: io.kestra.plugin.core.log.Log, message: c, runIf: "{{ nowhere.at.all }}"}
    """
    world = world_of(flow)
    assert world.states() == {"a": "SKIPPED", "b": "SUBMITTED"}
    world.report("b")
    assert world.states() == {"a": "SKIPPED", "b": "SUCCESS", "c": "FAILED"}
    assert world.state() == "FAILED"
    assert world.logs
    world.assert_rebuilds()


def test_functions_that_reach_outside_fail_the_task_run_and_are_named():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a, runIf: "{{ secret('KEY') == 'x' }}"}
    """
    world = world_of(flow)
    assert world.state() == "FAILED"
    assert "secret" in world.run("a").message


def test_disabled_tasks_are_not_there():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a, disabled: true}
    """
    world = world_of(flow)
    assert world.state() == "SUCCESS"
    assert world.states() == {}


def test_flow_outputs_are_typed_at_the_end_and_a_broken_one_fails_the_execution():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.debug.Return, format: a}
    outputs:
      - {id: number, type: INT, value: "{{ outputs.a.value }}"}
    """
    world = world_of(flow)
    world.report("a", outputs={"value": "42"})
    assert (world.state(), world.seen().outputs) == ("SUCCESS", {"number": 42})
    world.start("f", "e2")
    world.report("a", outputs={"value": "many"})
    assert world.state("e2") == "FAILED"
    assert any("Failed to render output values" in line for line in world.logs)
    world.restart("e2")
    assert world.seen("e2").histories[-2:] == ["RUNNING", "FAILED"]


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
    world = world_of(flow)
    world.report("a", "failed")
    world.report("e")
    world.report("z")
    assert world.states() == {
        "s": "WARNING",
        "a": "FAILED",
        "e": "SUCCESS",
        "z": "SUCCESS",
        "last": "SUBMITTED",
    }
    world.report("last")
    assert world.state() == "WARNING"
    world.assert_rebuilds()


def test_flowables_in_after_execution_run_whole():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
    afterExecution:
      - id: p
        type: io.kestra.plugin.core.flow.Parallel
        tasks:
          - {id: x, type: io.kestra.plugin.core.log.Log, message: x}
          - {id: y, type: io.kestra.plugin.core.log.Log, message: y}
    """
    world = world_of(flow)
    world.report("a")
    assert world.state() == "SUCCESS"
    assert world.out() == ["x", "y"]
    world.report("x", "failed")
    world.report("y")
    assert world.states() == {"a": "SUCCESS", "p": "FAILED", "x": "FAILED", "y": "SUCCESS"}
    assert world.state() == "SUCCESS"
    assert world.machine.open == 0
