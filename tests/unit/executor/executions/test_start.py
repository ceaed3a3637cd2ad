from contracts.execution import ExecutionCreated, ExecutionEnded, StartExecution, TriggerRef
from contracts.trigger import UnlockTrigger
from tests.support.spec import BEGIN, FlowBook, World
from tests.unit.executor.executions.flows import LINEAR


def test_a_start_creates_the_execution_and_hands_out_its_first_task_in_one_step():
    world = World(FlowBook(LINEAR))
    step = world.start("f", labels={"who": "me"})
    assert [type(event).__name__ for event in step.events] == [
        "ExecutionCreated",
        "ExecutionStarted",
        "TaskRunCreated",
    ]
    assert world.states() == {"a": "SUBMITTED"}
    assert world.seen().labels == {"team": "data", "who": "me", "system.correlationId": "e1"}
    run = world.attempt("a").run
    assert run.attempt == 1
    assert run.variables["vars"] == {"greeting": "hello"}
    assert run.variables["execution"]["id"] == "e1"
    assert run.task_type == "io.kestra.plugin.core.log.Log"
    assert b"{{ vars.greeting }}" in bytes(run.task)


def test_two_tasks_run_in_sequence_and_end_the_execution():
    world = World(FlowBook(LINEAR))
    world.start("f")
    step = world.report("a", outputs={"value": "A"})
    assert [type(event).__name__ for event in step.events] == [
        "TaskRunStarted",
        "TaskRunEnded",
        "TaskRunCreated",
    ]
    assert world.attempt("b").run.variables["outputs"] == {"a": {"value": "A"}}
    step = world.report("b")
    assert [type(event).__name__ for event in step.events] == [
        "TaskRunStarted",
        "TaskRunEnded",
        "ExecutionEnded",
    ]
    assert world.state() == "SUCCESS"
    assert world.machine.open == 0
    world.assert_rebuilds()


def test_the_same_id_again_changes_nothing_before_and_after_its_end():
    world = World(FlowBook(LINEAR))
    world.start("f")
    assert world.start("f").events == []
    world.run_to_end()
    assert world.start("f").events == []


def test_a_start_older_than_the_window_is_refused_and_counted():
    world = World(FlowBook(LINEAR), {"window_ms": 1000})
    assert world.start("f", at=BEGIN - 1001).events == []
    assert world.machine.refused == 1


def test_an_unknown_flow_makes_a_visible_failed_execution():
    world = World(FlowBook())
    step = world.start("nowhere")
    created, ended = step.events
    assert isinstance(created, ExecutionCreated)
    assert created.revision == 0
    assert isinstance(ended, ExecutionEnded)
    assert ended.state == "FAILED"
    assert "Flow not found: tests.nowhere" in world.logs[0]
    world.assert_rebuilds()


def test_a_disabled_flow_is_refused_visibly():
    world = World(FlowBook("disabled: true\n" + LINEAR.strip()))
    world.start("f")
    assert world.state() == "FAILED"
    assert "disabled" in world.seen().reason


def test_inputs_that_do_not_fit_fail_the_execution_with_the_reason():
    flow = LINEAR + "inputs:\n  - {id: n, type: INT}\n"
    world = World(FlowBook(flow))
    world.start("f", inputs={"n": "many"})
    assert world.state() == "FAILED"
    assert "n" in world.seen().reason
    assert world.logs
    world.start("f", "e2", inputs={"n": "7"})
    assert world.seen("e2").inputs == {"n": 7}


def test_a_scheduled_start_waits_for_its_date():
    world = World(FlowBook(LINEAR))
    world.start("f", scheduled_at=BEGIN + 5000)
    assert world.state() == "CREATED"
    world.pass_time(4999)
    assert world.state() == "CREATED"
    world.pass_time(1)
    assert world.states() == {"a": "SUBMITTED"}


def test_a_locked_trigger_is_unlocked_at_the_end():
    world = World(FlowBook(LINEAR))
    trigger = TriggerRef(id="t", type="io.kestra.plugin.core.trigger.Schedule", variables={"date": "2026"})
    world.start("f", trigger=trigger, trigger_key="tests/f/t")
    world.run_to_end()
    (unlock,) = world.sent(UnlockTrigger)
    assert (unlock.namespace, unlock.flow_id, unlock.trigger_id) == ("tests", "f", "t")
    assert (unlock.execution_id, unlock.state) == ("e1", "SUCCESS")


def test_a_step_that_raised_fails_only_its_execution():
    world = World(FlowBook(LINEAR))
    world.start("f")
    world.start("f", "e2")
    world.failed(world.outcome("a"), "Traceback: boom")
    assert sorted(each.state.value for each in world.projection.executions.values()) == ["FAILED", "RUNNING"]
    assert any("Internal error: Traceback: boom" in line for line in world.logs)
    start = StartExecution(execution_id="e3", namespace="tests", flow_id="f", at=world.at)
    world.failed(start, "boom")
    assert world.state("e3") == "FAILED"
    world.assert_rebuilds()


def test_a_trigger_that_could_not_render_its_inputs_makes_a_failed_execution():
    world = World(FlowBook(LINEAR))
    world.start(
        "f", inputs={"n": "{{ broken"}, failure="Inputs of trigger t: broken", trigger_key="tests/f/t"
    )
    assert world.state() == "FAILED"
    assert world.seen().reason == "Inputs of trigger t: broken"
    assert world.seen().inputs == {"n": "{{ broken"}
    assert len(world.sent(UnlockTrigger)) == 1
