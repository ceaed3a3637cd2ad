"""Child executions: of another flow, and of the values of a Loop. The rig's only partition runs parent and children."""

import pytest

from contracts.execution import ChildEnded, ChildState, KillExecution, RestartExecution, StartExecution
from contracts.language.types.flowable import loop as loop_type
from tests.support.rig.executions import ExecutionRig, record_of

CHILD = """
id: child
namespace: tests
labels: {own: child}
inputs: [{id: n, type: INT, defaults: 1}]
tasks:
  - {id: work, type: io.kestra.plugin.core.debug.Return, format: "{{ inputs.n }}"}
outputs: [{id: twice, type: INT, value: "{{ inputs.n * 2 }}"}]
"""
PARENT = """
id: f
namespace: tests
labels: {team: bi}
tasks:
  - id: sub
    type: io.kestra.plugin.core.flow.Subflow
    namespace: tests
    flowId: child
    inputs: {n: "{{ 1 + 2 }}"}
    labels: {given: "{{ flow.id }}"}
    EXTRA
  - {id: last, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.sub.outputs.twice ?? 'none' }}"}
"""
LOOP = """
id: f
namespace: tests
inputs: [{id: values, type: JSON, defaults: '["x", 2, "x"]'}]
tasks:
  - {id: before, type: io.kestra.plugin.core.debug.Return, format: b}
  - id: loop
    type: io.kestra.plugin.core.flow.Loop
    values: "{{ inputs.values }}"
    EXTRA
    outputs: [{id: got, type: STRING, value: "{{ outputs.leaf.value }}"}]
    tasks:
      - {id: leaf, type: io.kestra.plugin.core.debug.Return, format: "{{ outputs.before.value }}{{ item.value }}{{ item.index }}"}
  - {id: last, type: io.kestra.plugin.core.log.Log, message: "{{ outputs.loop }}"}
"""


class Family:
    """Delivers what executions send each other."""

    def __init__(self, *sources, **start):
        self.rig = ExecutionRig(*sources)
        self.seen = 0
        self.rig.start("f", **start)
        self.deliver()

    def deliver(self):
        while self.seen < len(self.rig.outbox):
            message = self.rig.outbox[self.seen].message
            self.seen += 1
            if isinstance(message, StartExecution | ChildEnded | KillExecution | RestartExecution):
                self.rig.when(message)

    def report(self, name, outcome="succeeded", **fields):
        self.rig.report(name, outcome, **fields)
        self.deliver()

    def children(self):
        return [each for each in self.rig.projection.executions.values() if each.id != "e1"]


def parent(extra="wait: true", child=CHILD, **start):
    return Family(PARENT.replace("EXTRA", extra), child, **start)


def loop(extra="concurrencyLimit: 1", **start):
    return Family(LOOP.replace("EXTRA", extra), **start)


def test_a_subflow_waits_and_gives_the_outputs_of_its_flow():
    family = parent()
    (child,) = family.children()
    assert child.inputs == {"n": 3}
    assert child.labels == {
        "own": "child",
        "given": "f",
        "system.from": "subflow",
        "system.correlationId": "e1",
    }
    assert family.rig.states() == {"sub": "RUNNING"}
    family.rig.assert_rebuilds()
    family.report("work", outputs={"value": "3"})
    assert family.rig.run("sub").outputs == {
        "executionId": child.id,
        "state": "SUCCESS",
        "outputs": {"twice": 6},
    }
    assert family.rig.out() == ["last"]
    family.rig.assert_rebuilds()


@pytest.mark.parametrize(
    ("extra", "outcome", "state"),
    [
        ("wait: true", "failed", "FAILED"),
        ("transmitFailed: false", "failed", "SUCCESS"),
        ("allowFailure: true", "failed", "WARNING"),
        ("wait: true", "warned", "WARNING"),
        ("allowWarning: true", "warned", "SUCCESS"),
        ("wait: true", "cancelled", "KILLED"),
    ],
)
def test_its_state_is_that_of_its_flow_if_it_is_transmitted(extra, outcome, state):
    family = parent(extra)
    if outcome == "cancelled":
        family.rig.kill(family.children()[0].id)
    family.report("work", outcome)
    assert family.rig.run("sub").state == state


def test_a_subflow_that_does_not_wait_is_a_success_at_once():
    family = parent("wait: false")
    (child,) = family.children()
    assert family.rig.run("sub").state == "SUCCESS"
    assert family.rig.run("sub").outputs == {"executionId": child.id}
    family.report("work")
    assert child.state == "SUCCESS"


def test_labels_are_inherited_if_wanted():
    family = parent("inheritLabels: true")
    assert family.children()[0].labels["team"] == "bi"


@pytest.mark.parametrize(
    ("child", "reason"),
    [
        (CHILD.replace("id: child", "id: other"), "Unable to find flow 'tests'.'child'"),
        (CHILD + "disabled: true\n", "Cannot execute a flow which is disabled"),
        (CHILD.replace("id: n, type: INT", "id: n, type: DATE"), "Invalid value for input `n`"),
    ],
)
def test_a_flow_that_cannot_run_fails_the_task_with_the_reason(child, reason):
    family = parent("allowFailure: false", child)
    assert family.rig.run("sub").state == "FAILED"
    assert reason in family.rig.run("sub").message
    assert not family.children()


def test_a_kill_kills_the_child_and_waits_for_it():
    family = parent()
    family.rig.kill()
    family.deliver()
    assert family.rig.state() == "KILLING"
    family.report("work", "cancelled")
    assert (family.children()[0].state, family.rig.state(), family.rig.states()) == (
        "KILLED",
        "KILLED",
        {"sub": "KILLED"},
    )
    family.rig.assert_rebuilds()


def test_the_end_of_a_child_counts_once_and_only_while_it_is_awaited():
    family = parent()
    family.report("work")
    ended = next(each.message for each in family.rig.outbox if isinstance(each.message, ChildEnded))
    assert family.rig.when(ended).events == []


def test_a_child_that_is_retried_as_another_execution_is_followed():
    child = (
        CHILD + "retry: {type: constant, interval: PT1S, maxAttempts: 2, behavior: CREATE_NEW_EXECUTION}\n"
    )
    family = parent(child=child)
    family.report("work", "failed")
    assert family.rig.run("sub").state == "RUNNING"
    family.rig.wait(1_000)
    family.deliver()
    family.report("work")
    assert family.rig.run("sub").state == "SUCCESS"


def test_a_flow_that_runs_itself_ends():
    source = PARENT.replace("EXTRA", "wait: true").replace("flowId: child", "flowId: '{{ flow.id }}'")
    family = Family(source)
    assert family.rig.state() == "FAILED"
    assert len(family.children()) == 100
    assert any("does a flow run itself?" in line for line in family.rig.logs)


def test_a_serial_loop_is_one_run_with_the_outputs_of_its_iterations():
    family = loop()
    family.report("before", outputs={"value": "b"})
    assert len(family.children()) == 1
    for value in ("x", "2", "x"):
        assert family.rig.states() == {"before": "SUCCESS", "loop": "RUNNING"}
        family.rig.assert_rebuilds()
        item = family.rig.attempt("leaf").run.variables["item"]
        assert item["value"] == value
        assert family.rig.attempt("leaf").run.variables["outputs"]["before"] == {"value": "b"}
        family.report("leaf", outputs={"value": f"got {value}{item['index']}"})
    assert family.rig.run("loop").outputs == {
        "iterationCount": 3,
        "runningIterations": 0,
        "terminatedIterations": {"SUCCESS": 3},
        "outputs": [
            {"item": {"value": "x", "iteration": 0}, "outputs": {"got": "got x0"}},
            {"item": {"value": "2", "iteration": 1}, "outputs": {"got": "got 21"}},
            {"item": {"value": "x", "iteration": 2}, "outputs": {"got": "got x2"}},
        ],
    }
    assert family.rig.out() == ["last"]


def test_a_failing_iteration_ends_a_loop_at_once_and_kills_the_others():
    family = loop("concurrencyLimit: 2")
    family.report("before", outputs={"value": "b"})
    family.report("leaf", "failed")
    assert family.rig.run("loop").state == "RUNNING"
    family.report("leaf", "cancelled")
    assert family.rig.run("loop").state == "FAILED"
    assert family.rig.run("loop").outputs["terminatedIterations"] == {"FAILED": 1, "KILLED": 1}
    assert family.rig.state() == "FAILED"


def test_without_transmission_all_values_run():
    family = loop("transmitFailed: false")
    family.report("before", outputs={"value": "b"})
    for _ in range(3):
        family.report("leaf", "failed")
    assert family.rig.run("loop").state == "SUCCESS"


def test_a_true_break_ends_a_loop_early():
    family = loop(
        "concurrencyLimit: 1\n    breakWhen: \"{{ item.index == 1 and iteration.state == 'SUCCESS' }}\""
    )
    family.report("before", outputs={"value": "b"})
    for _ in range(2):
        family.report("leaf", outputs={"value": "v"})
    assert family.rig.run("loop").outputs["terminatedIterations"] == {"SUCCESS": 2}
    assert family.rig.out() == ["last"]


@pytest.mark.parametrize(("values", "state"), [("[]", "SUCCESS"), ("[null]", "FAILED"), ("7", "FAILED")])
def test_no_values_are_a_success_and_nulls_are_not(values, state):
    family = loop(inputs={"values": values})
    family.report("before", outputs={"value": "b"})
    assert family.rig.run("loop").state == state


def test_a_map_gives_keys():
    family = loop(inputs={"values": '{"k": {"a": 1}}'})
    family.report("before", outputs={"value": "b"})
    assert family.rig.attempt("leaf").run.variables["item"] == {"value": '{"a":1}', "index": 0, "key": "k"}


def restarted(family):
    """Restart the parent with its children, as web sends it."""
    rig = family.rig
    children = []
    for child in family.children():
        record = record_of(child, rig.events_of(child.id))
        assert record.parent is not None
        children.append(
            ChildState(
                id=child.id,
                task_run_id=record.parent.task_run_id,
                index=record.parent.index,
                state=child.state,
                outputs=child.outputs,
                record=None if child.state == "SUCCESS" else record,
            )
        )
    record = record_of(rig.seen(), rig.events_of("e1"))
    rig.when(RestartExecution(execution_id="e1", at=rig.now, record=record, children=children))
    family.deliver()


def test_a_restart_restarts_the_failed_child():
    family = parent()
    family.report("work", "failed")
    assert family.rig.state() == "FAILED"
    restarted(family)
    assert len(family.children()) == 1
    assert family.children()[0].state == "RUNNING"
    family.report("work")
    assert family.rig.run("sub").state == "SUCCESS"
    family.rig.assert_rebuilds()


def test_a_restart_begins_another_child_if_that_is_wanted():
    family = parent("restartBehavior: NEW_EXECUTION")
    family.report("work", "failed")
    restarted(family)
    assert len(family.children()) == 2


def test_a_restart_of_a_loop_repeats_only_the_iterations_that_failed():
    family = loop()
    family.report("before", outputs={"value": "b"})
    family.report("leaf", outputs={"value": "v0"})
    family.report("leaf", "failed")
    assert family.rig.state() == "FAILED"
    restarted(family)
    assert family.rig.attempt("leaf").run.variables["item"]["index"] == 1
    family.report("leaf", outputs={"value": "v1"})
    family.report("leaf", outputs={"value": "v2"})
    assert len(family.children()) == 3
    outputs = family.rig.run("loop").outputs
    assert outputs["terminatedIterations"] == {"SUCCESS": 3}
    assert [each["outputs"]["got"] for each in outputs["outputs"]] == ["v0", "v1", "v2"]


def test_a_child_that_changed_meanwhile_does_not_keep_its_parent_waiting():
    family = parent()
    family.report("work", "failed")
    (child,) = family.children()
    old = record_of(child, family.rig.events_of(child.id))
    family.rig.when(RestartExecution(execution_id=child.id, at=family.rig.now, record=old))
    family.report("work", "failed")
    assert old.parent is not None
    stale = ChildState(
        id=child.id, task_run_id=old.parent.task_run_id, index=0, state=old.histories[-1].state, record=old
    )
    record = record_of(family.rig.seen(), family.rig.events_of("e1"))
    family.rig.when(RestartExecution(execution_id="e1", at=family.rig.now, record=record, children=[stale]))
    family.deliver()
    assert family.rig.state() == "FAILED"


def test_a_subflow_waits_for_inputs_and_labels_that_only_a_worker_can_render():
    source = PARENT.replace('"{{ 1 + 2 }}"', "\"{{ secret('N') }}\"").replace("EXTRA", "wait: true")
    family = Family(source, CHILD)
    assert family.children() == []
    family.rig.restart(snapshot=True)
    family.rig.answer("sub", "3")
    family.deliver()
    (child,) = family.children()
    assert child.inputs == {"n": 3}
    family.report("work")
    assert family.rig.out() == ["last"]
    family.rig.assert_rebuilds()


def test_a_child_whose_own_inputs_need_a_worker_asks_for_them_itself():
    child = CHILD.replace("defaults: 1", "defaults: \"{{ secret('N') }}\"")
    family = Family(PARENT.replace("EXTRA", "wait: true").replace('inputs: {n: "{{ 1 + 2 }}"}', ""), child)
    (started,) = family.children()
    assert started.state == "CREATED"
    family.rig.answer("", "5")
    family.deliver()
    assert started.inputs == {"n": 5}
    family.report("work")
    assert family.rig.out() == ["last"]


def test_a_loop_of_children_waits_for_its_values():
    family = Family(LOOP.replace("{{ inputs.values }}", "{{ secret('LIST') }}").replace("EXTRA", ""))
    family.report("before", outputs={"value": "b"})
    family.rig.answer("loop", '["x", "y"]')
    family.deliver()
    assert family.children()
    while "leaf" in family.rig.out():
        family.report("leaf", outputs={"value": "v"})
    assert family.rig.out() == ["last"]


FILE = "kestra:///tests/f/rows.ion"


def test_a_loop_over_a_file_asks_a_worker_for_its_rows_and_keeps_outputs_in_files():
    family = loop("concurrencyLimit: 1", inputs={"values": f'"{FILE}"'})
    family.report("before", outputs={"value": "b"})
    question = family.rig.question("loop").run
    assert [q.template for q in question.questions] == [loop_type.ROWS.source]
    assert question.variables["file"] == FILE
    family.rig.answer("loop", '["one",{"n":2}]')
    family.deliver()
    for index, value in enumerate(("one", '{"n":2}')):
        assert family.rig.attempt("leaf").run.variables["item"] == {"value": value, "index": index}
        family.report("leaf", outputs={"value": value})
        asked = family.rig.question().run
        assert [q.form for q in asked.questions] == ["stored"]
        assert asked.variables == {"outputs": {"got": value}}
        family.rig.answer("", f"kestra:///{index}.ion")
        family.deliver()
        family.rig.assert_rebuilds()
    assert [each["outputs"] for each in family.rig.run("loop").outputs["outputs"]] == [
        {"uri": "kestra:///0.ion"},
        {"uri": "kestra:///1.ion"},
    ]
    assert family.rig.out() == ["last"]


def test_outputs_of_a_loop_over_a_file_stay_with_the_run_if_they_are_fetched():
    family = loop("fetchType: FETCH", inputs={"values": f'"{FILE}"'})
    family.report("before", outputs={"value": "b"})
    family.rig.answer("loop", '["one"]')
    family.deliver()
    family.report("leaf", outputs={"value": "v"})
    assert family.rig.run("loop").outputs["outputs"][0]["outputs"] == {"got": "v"}


def test_an_iteration_whose_outputs_cannot_be_stored_fails_the_loop():
    family = loop("fetchType: STORE\n    concurrencyLimit: 1")
    family.report("before", outputs={"value": "b"})
    family.report("leaf", outputs={"value": "v"})
    family.rig.answer("", ValueError("disk full"))
    family.deliver()
    assert family.rig.run("loop").state == "FAILED"
    assert any("disk full" in line for line in family.rig.logs)


def test_a_file_that_cannot_be_read_fails_the_loop_with_the_reason():
    family = loop(inputs={"values": f'"{FILE}"'})
    family.report("before", outputs={"value": "b"})
    family.rig.answer("loop", ValueError("no such file"))
    assert family.rig.run("loop").message == "no such file"


def test_within_loops_execution_is_the_one_around_all_of_them():
    inner = LOOP.replace("{{ outputs.before.value }}{{ item.value }}{{ item.index }}", "{{ execution.id }}")
    family = Family(inner.replace("EXTRA", ""))
    family.report("before", outputs={"value": "b"})
    assert family.rig.attempt("leaf").run.execution_id != "e1"
    assert family.rig.attempt("leaf").run.variables["execution"]["id"] == "e1"


BREAKS = "breakWhen: \"{{ secret('STOP') == item.value }}\""


def test_a_worker_says_whether_the_end_of_a_child_ends_the_loop():
    family = loop(f"concurrencyLimit: 1\n    {BREAKS}")
    family.report("before", outputs={"value": "b"})
    family.report("leaf", outputs={"value": "v"})
    assert family.rig.out() == [], "nothing begins before the answer"
    family.rig.assert_rebuilds()
    family.rig.answer("loop", "false")
    family.deliver()
    family.report("leaf", outputs={"value": "v"})
    assert family.rig.question("loop").run.variables["item"] == {"value": "2", "index": 1}
    family.rig.answer("loop", "true")
    family.deliver()
    assert family.rig.run("loop").state == "SUCCESS"
    assert family.rig.run("loop").outputs["terminatedIterations"] == {"SUCCESS": 2}
    family.rig.assert_rebuilds()


def test_ends_that_come_while_a_worker_is_asked_are_decided_in_their_order():
    family = loop(BREAKS)
    family.report("before", outputs={"value": "b"})
    for _ in range(3):
        family.report("leaf", outputs={"value": "v"})
    assert len(family.rig.questions) == 1
    family.rig.answer("loop", "false")
    assert family.rig.question("loop").run.variables["item"]["index"] == 1
    family.rig.assert_rebuilds()
    family.rig.answer("loop", "true")
    family.deliver()
    assert family.rig.questions == {}, "the loop has stopped, so the third does not matter"
    assert family.rig.run("loop").outputs["terminatedIterations"] == {"SUCCESS": 3}
    assert family.rig.out() == ["last"]


def test_an_end_that_a_worker_cannot_decide_fails_the_loop_with_the_reason():
    family = loop(f"concurrencyLimit: 1\n    {BREAKS}")
    family.report("before", outputs={"value": "b"})
    family.report("leaf", outputs={"value": "v"})
    family.rig.answer("loop", ValueError("no secret STOP"))
    family.deliver()
    assert (family.rig.run("loop").state, family.rig.run("loop").message) == ("FAILED", "no secret STOP")


def test_a_kill_while_a_worker_is_asked_about_an_end_ends_the_loop():
    family = loop(f"concurrencyLimit: 1\n    {BREAKS}")
    family.report("before", outputs={"value": "b"})
    family.report("leaf", outputs={"value": "v"})
    family.rig.kill()
    family.deliver()
    assert (family.rig.state(), family.rig.questions, family.rig.machine.open) == ("KILLED", {}, 0)


def test_a_restarted_loop_waits_for_the_values_that_only_a_worker_can_render():
    family = loop("concurrencyLimit: 1\n    fetchType: FETCH", inputs={"values": f'"{FILE}"'})
    family.report("before", outputs={"value": "b"})
    family.rig.answer("loop", '["one","two"]')
    family.deliver()
    family.report("leaf", outputs={"value": "v0"})
    family.report("leaf", "failed")
    assert family.rig.state() == "FAILED"
    restarted(family)
    assert family.rig.out() == [], "no iteration begins before the values are known"
    family.rig.assert_rebuilds()
    family.rig.answer("loop", '["one","two"]')
    family.deliver()
    assert [family.rig.attempt("leaf").run.variables["item"]["value"]] == ["two"]
    family.rig.assert_rebuilds()
    family.report("leaf", outputs={"value": "v1"})
    assert family.rig.run("loop").outputs["terminatedIterations"] == {"SUCCESS": 2}


def test_a_kill_ends_a_subflow_that_waits_for_an_answer():
    family = Family(
        PARENT.replace('"{{ 1 + 2 }}"', "\"{{ secret('N') }}\"").replace("EXTRA", "wait: true"), CHILD
    )
    family.rig.kill()
    family.deliver()
    assert family.rig.state() == "KILLED"
    assert family.rig.questions == {}
    assert family.rig.machine.open == 0


def test_an_expression_bounds_how_many_iterations_run_at_once():
    family = loop('concurrencyLimit: "{{ 1 + 1 }}"')
    family.report("before", outputs={"value": "b"})
    assert len(family.rig.out()) == 2
    family.rig.assert_rebuilds()
