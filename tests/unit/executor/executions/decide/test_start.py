from contracts.execution import ExecutionCreated, ExecutionEnded, TriggerRef
from contracts.trigger import UnlockTrigger
from tests.support.rig.executions import ExecutionRig
from tests.unit.executor.executions.flows import LINEAR


def test_a_start_creates_the_execution_and_hands_out_its_first_task_in_one_step():
    rig = ExecutionRig(LINEAR)
    step = rig.start("f", labels={"who": "me"})
    assert [type(event).__name__ for event in step.events] == [
        "ExecutionCreated",
        "ExecutionStarted",
        "TaskRunCreated",
    ]
    assert rig.states() == {"a": "SUBMITTED"}
    assert rig.seen().labels == {"team": "data", "who": "me", "system.correlationId": "e1"}
    run = rig.attempt("a").run
    assert run.attempt == 1
    assert run.variables["vars"] == {"greeting": "hello"}
    assert run.variables["execution"]["id"] == "e1"
    assert run.task_type == "io.kestra.plugin.core.log.Log"
    assert b"{{ vars.greeting }}" in bytes(run.task)


def test_two_tasks_run_in_sequence_and_end_the_execution():
    rig = ExecutionRig(LINEAR)
    rig.start("f")
    step = rig.report("a", outputs={"value": "A"})
    assert [type(event).__name__ for event in step.events] == [
        "TaskRunStarted",
        "TaskRunEnded",
        "TaskRunCreated",
    ]
    assert rig.attempt("b").run.variables["outputs"] == {"a": {"value": "A"}}
    step = rig.report("b")
    assert [type(event).__name__ for event in step.events] == [
        "TaskRunStarted",
        "TaskRunEnded",
        "ExecutionEnded",
    ]
    assert rig.state() == "SUCCESS"
    assert rig.machine.open == 0
    rig.assert_rebuilds()


def test_an_unknown_flow_makes_a_visible_failed_execution():
    rig = ExecutionRig()
    step = rig.start("nowhere")
    created, ended = step.events
    assert isinstance(created, ExecutionCreated)
    assert created.revision == 0
    assert isinstance(ended, ExecutionEnded)
    assert ended.state == "FAILED"
    assert "Flow not found: tests.nowhere" in rig.logs[0]
    rig.assert_rebuilds()


def test_a_disabled_flow_is_refused_visibly():
    rig = ExecutionRig("disabled: true\n" + LINEAR.strip())
    rig.start("f")
    assert rig.state() == "FAILED"
    assert "disabled" in rig.seen().reason


def test_a_locked_trigger_is_unlocked_at_the_end():
    rig = ExecutionRig(LINEAR)
    trigger = TriggerRef(id="t", type="io.kestra.plugin.core.trigger.Schedule", variables={"date": "2026"})
    rig.start("f", trigger=trigger, trigger_key="tests/f/t")
    rig.run_to_end()
    (unlock,) = rig.sent(UnlockTrigger)
    assert (unlock.namespace, unlock.flow_id, unlock.trigger_id) == ("tests", "f", "t")
    assert (unlock.execution_id, unlock.state) == ("e1", "SUCCESS")


def test_a_trigger_that_could_not_render_its_inputs_makes_a_failed_execution():
    rig = ExecutionRig(LINEAR)
    rig.start("f", inputs={"n": "{{ broken"}, failure="Inputs of trigger t: broken", trigger_key="tests/f/t")
    assert rig.state() == "FAILED"
    assert rig.seen().reason == "Inputs of trigger t: broken"
    assert rig.seen().inputs == {"n": "{{ broken"}
    assert len(rig.sent(UnlockTrigger)) == 1
