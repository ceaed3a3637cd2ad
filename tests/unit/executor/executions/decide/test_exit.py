"""Tasks that change their own execution: Exit, Labels, SetVariables, UnsetVariables; and Resume. None of them goes to a worker."""

import pytest

from contracts.execution import ResumeExecution
from contracts.work import WithdrawAttempt
from tests.support.rig.executions import started

_E = "io.kestra.plugin.core.execution"
EXITING = f"""
id: f
namespace: tests
tasks:
  - id: p
    type: io.kestra.plugin.core.flow.Parallel
    tasks:
      - {{id: slow, type: io.kestra.plugin.core.log.Log, message: a}}
      - id: s
        type: io.kestra.plugin.core.flow.Sequential
        tasks:
          - {{id: leave, type: {_E}.Exit, state: STATE}}
          - {{id: never, type: io.kestra.plugin.core.log.Log, message: b}}
  - {{id: last, type: io.kestra.plugin.core.log.Log, message: c}}
errors: [{{id: e, type: io.kestra.plugin.core.log.Log, message: e}}]
finally: [{{id: z, type: io.kestra.plugin.core.log.Log, message: z}}]
afterExecution: [{{id: after, type: io.kestra.plugin.core.log.Log, message: after}}]
outputs: [{{id: x, type: STRING, value: "{{{{ execution.state }}}}"}}]
"""
CHANGING = f"""
id: f
namespace: tests
labels: {{team: bi}}
variables: {{a: {{b: 1, c: 2}}, kept: k}}
tasks:
  - {{id: change, type: {_E}.TYPE, PROPERTIES}}
  - {{id: seen, type: io.kestra.plugin.core.debug.Return, format: "{{{{ vars }}}} {{{{ labels.team }}}}"}}
"""


def changing(name, properties):
    return started(CHANGING.replace("TYPE", name).replace("PROPERTIES", properties))


@pytest.mark.parametrize(
    ("written", "state"),
    [
        ("SUCCESS", "SUCCESS"),
        ("warning", "WARNING"),
        ("FAILED", "FAILED"),
        ("KILLED", "KILLED"),
        ("CANCELED", "CANCELLED"),
        ("'{{ \"CANCELLED\" }}'", "CANCELLED"),
    ],
)
def test_an_exit_ends_the_execution_its_run_and_those_above_it(written, state):
    rig = started(EXITING.replace("STATE", written))
    assert rig.state() == state
    assert rig.states() == {"p": state, "slow": "KILLED", "s": state, "leave": state, "after": "SUBMITTED"}
    assert len(rig.sent(WithdrawAttempt)) == 1
    assert rig.seen().outputs == ({"x": state} if state in ("SUCCESS", "WARNING", "FAILED") else {})
    rig.report("after")
    assert rig.machine.open == 0
    rig.assert_rebuilds()


def test_a_state_that_does_not_exist_fails_the_task():
    rig = started(EXITING.replace("STATE", "DONE"))
    assert rig.run("leave").state == "FAILED"
    assert "not `DONE`" in rig.run("leave").message
    assert rig.state() == "RUNNING"


def test_labels_are_added_and_replaced():
    rig = changing("Labels", "labels: {team: '{{ vars.kept }}', new: 1}")
    assert rig.seen().labels == {"team": "k", "system.correlationId": "e1", "new": "1"}
    assert rig.attempt("seen").run.variables["labels"]["team"] == "k"
    rig.assert_rebuilds()


@pytest.mark.parametrize("labels", ["{system.x: y}", "[{value: x}]"])
def test_what_is_no_label_fails_the_task(labels):
    assert changing("Labels", f"labels: {labels}").run("change").state == "FAILED"


def test_variables_are_merged_for_the_tasks_after_it():
    rig = changing("SetVariables", "variables: {a: {b: '{{ vars.kept }}', d: [1]}, new: true}")
    expected = {"a": {"b": "k", "c": 2, "d": [1]}, "kept": "k", "new": True}
    assert rig.seen().variables == expected
    assert rig.attempt("seen").run.variables["vars"] == expected
    rig.assert_rebuilds()


def test_a_present_variable_stays_without_overwrite():
    rig = changing("SetVariables", "overwrite: false, variables: {new: 1, a: {b: 3}}")
    assert rig.run("change").state == "FAILED"
    assert "`a.b` exists already" in rig.run("change").message
    assert rig.seen().variables is None


def test_variables_are_removed_by_name_and_path():
    rig = changing("UnsetVariables", "variables: [a.b, kept]")
    assert rig.seen().variables == {"a": {"c": 2}}
    assert "`a.x` does not exist" in changing("UnsetVariables", "variables: [a.x]").run("change").message
    assert (
        changing("UnsetVariables", "ignoreMissing: true, variables: [a.x]").run("change").state == "SUCCESS"
    )


def test_too_many_variables_fail_the_task():
    rig = changing("SetVariables", f"variables: {{big: '{'x' * 70_000}'}}")
    assert rig.run("change").state == "FAILED"


def test_another_execution_is_resumed():
    rig = started(
        CHANGING.replace("TYPE", "Resume").replace(
            "PROPERTIES", "executionId: '{{ flow.id }}2', inputs: {n: 1}"
        )
    )
    (command,) = rig.sent(ResumeExecution)
    assert (command.execution_id, command.inputs, command.by) == ("f2", {"n": 1}, "e1")
    assert rig.run("change").state == "SUCCESS"
