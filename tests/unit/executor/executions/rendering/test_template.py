"""Templates of tasks: one that cannot be rendered fails its task run, and one that only a worker can render is asked for."""

from contracts.evaluation import Question
from contracts.work import OutputReference
from tests.support.rig.executions import started

LARGE = """
id: f
namespace: tests
tasks:
  - {id: a, type: io.kestra.plugin.core.debug.Return, format: x}
  - {id: c, type: io.kestra.plugin.core.debug.Return, format: x}
  - {id: b, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.a.value }}", runIf: "{{ CONDITION }}"}
"""


def test_a_condition_that_needs_a_large_output_is_asked_with_its_reference():
    rig = started(LARGE.replace("CONDITION", "outputs.a.value == 'x'"))
    rig.report("a", outputs_uri="kestra:///x")
    rig.report("c")
    assert rig.states()["b"] == "CREATED"
    run = rig.question("b").run
    assert run.questions == [Question("{{ outputs.a.value == 'x' }}", "truth")]
    assert run.references == [OutputReference(["outputs", "a"], "kestra:///x")]
    rig.answer("b", True)
    assert rig.out() == ["b"]
    rig.assert_rebuilds()


def test_a_condition_beside_a_large_output_that_it_does_not_read_is_rendered_here():
    rig = started(LARGE.replace("CONDITION", "outputs.c.value == 'y'"))
    rig.report("a", outputs_uri="kestra:///x")
    rig.report("c", outputs={"value": "y"})
    assert rig.out() == ["b"]
    assert rig.asked() == {}


def test_a_worker_gets_only_what_the_template_reads():
    flow = """
    id: f
    namespace: tests
    inputs: [{id: n, type: STRING, defaults: x}, {id: m, type: STRING, defaults: y}]
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: "{{ inputs.m }}", runIf: "{{ secret(inputs.n) == 'x' }}"}
    """
    rig = started(flow)
    assert rig.question("a").run.variables["inputs"] == {"n": "x"}


def test_a_function_of_workers_in_a_branch_that_is_not_taken_needs_no_worker():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a, runIf: "{{ true ? 'yes' : secret('KEY') }}"}
    """
    rig = started(flow)
    assert rig.out() == ["a"]


def test_a_function_that_is_not_built_fails_the_task_run_and_is_named():
    flow = """
    id: f
    namespace: tests
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a, runIf: "{{ appLink('x') }}"}
    """
    rig = started(flow)
    assert rig.state() == "FAILED"
    assert "`appLink` is not built here yet" in rig.run("a").message


def test_variables_that_are_too_large_to_be_sent_fail_the_task_run():
    flow = """
    id: f
    namespace: tests
    inputs: [{id: n, type: STRING}]
    tasks:
      - {id: a, type: io.kestra.plugin.core.log.Log, message: a, runIf: "{{ secret(inputs.n) }}"}
    """
    rig = started(flow, inputs={"n": "x" * 460_000})
    rig.settle()
    assert rig.state() == "FAILED"
    assert "too large to be sent to a worker" in rig.run("a").message
