"""Templates of tasks: one that cannot be rendered fails its task run with a reason."""

from tests.support.rig.executions import ExecutionRig, started


def test_a_condition_that_needs_a_large_output_fails_with_a_reason():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}
      - {id: b, type: io.kestra.plugin.core.debug.Return, format: x, runIf: "{{ outputs.a.value }}"}
    """
    rig = ExecutionRig(flow)
    rig.start("f")
    rig.report("a", outputs_uri="kestra:///x")
    assert "too large" in rig.run("b").message
    assert rig.state() == "FAILED"


def test_functions_that_reach_outside_fail_the_task_run_and_are_named():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a, runIf: "{{ secret('KEY') == 'x' }}"}
    """
    rig = started(flow)
    assert rig.state() == "FAILED"
    assert "secret" in rig.run("a").message
