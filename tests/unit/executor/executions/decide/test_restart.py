"""Restart (docs/language/states.md#restart)."""

from typing import Any

import pytest

from contracts.execution import AttemptRecord, ExecutionRecord, History, RestartExecution, TaskRunRecord
from contracts.states import State
from contracts.work import WithdrawAttempt
from tests.support.rig.executions import record_of, started
from tests.unit.executor.executions.flows import CLEANING, LINEAR, PARALLEL, loop


def test_a_success_and_an_open_execution_are_not_restarted():
    rig = started(LINEAR)
    record = record_of(rig.seen(), rig.events_of("e1"))
    assert rig.when(RestartExecution(execution_id="e1", at=rig.now, record=record)).events == []
    rig.run_to_end()
    assert rig.restart_execution().events == []


def test_without_a_record_or_with_another_ones_nothing_happens():
    rig = started(LINEAR)
    rig.report("a", "failed")
    assert rig.when(RestartExecution(execution_id="e1", at=rig.now)).events == []
    record = record_of(rig.seen(), rig.events_of("e1"))
    assert rig.when(RestartExecution(execution_id="e2", at=rig.now, record=record)).events == []


@pytest.mark.parametrize(
    "forged",
    [
        {"histories": []},
        {"iteration": 0},
        {"iteration": 0, "parent_id": "nobody"},
        {"iteration": -1, "parent_id": "r"},
        {"iteration": 10**9, "parent_id": "r"},
        {"attempts": [AttemptRecord(number=10**25)]},
    ],
)
def test_a_record_that_no_execution_can_have_had_is_refused(forged: dict[str, Any]):
    """Anyone may write one, and its content would be in snapshots for ever."""
    rig = started(LINEAR)
    known: dict[str, Any] = {"id": "r", "task_id": "a", "histories": [History(State.FAILED, rig.now)]}
    record = ExecutionRecord(
        id="e9",
        namespace="tests",
        flow_id="f",
        revision=1,
        seq=9,
        histories=[History(State.FAILED, rig.now)],
        task_runs=[TaskRunRecord(**{**known, **forged})],
    )
    assert rig.when(RestartExecution(execution_id="e9", at=rig.now, record=record)).events == []


def test_the_same_restart_again_after_the_next_end_does_nothing():
    rig = started(LINEAR)
    rig.report("a", "failed")
    record = record_of(rig.seen(), rig.events_of("e1"))
    command = RestartExecution(execution_id="e1", at=rig.now, record=record)
    rig.when(command)
    assert rig.when(command).events == []
    rig.report("a", "failed")
    assert rig.when(command).events == []


def test_siblings_that_succeeded_are_kept():
    rig = started(PARALLEL)
    rig.report("a")
    rig.report("b", "failed")
    rig.report("c")
    assert rig.state() == "FAILED"
    rig.restart_execution()
    assert rig.states() == {"p": "RUNNING", "a": "SUCCESS", "b": "SUBMITTED", "c": "SUCCESS"}
    rig.assert_rebuilds()
    rig.run_to_end()
    assert rig.state() == "SUCCESS"


def test_killed_executions_restart():
    rig = started(LINEAR)
    rig.kill()
    rig.report("a", "cancelled")
    rig.restart_execution()
    rig.run_to_end()
    assert rig.state() == "SUCCESS"


def test_iterations_that_failed_run_again_and_the_loop_goes_on():
    rig = started(loop(1), inputs={"values": "[1, 2, 3]"})
    rig.report("one[1]")
    rig.report("two[1]")
    rig.report("one[2]", "failed")
    rig.restart_execution()
    assert rig.out() == ["one[2]"]
    rig.assert_rebuilds()
    rig.run_to_end()
    assert rig.state() == "SUCCESS"
    assert len(rig.seen().runs) == 1 + 6 + 1


def test_a_flowable_that_never_opened_is_created_again():
    flow = """
    id: f
    namespace: tests
    tasks:
      - id: s
        type: io.kestra.plugin.core.flow.Sequential
        tasks:
          - id: choose
            type: io.kestra.plugin.core.flow.If
            condition: "{{ no.such }}"
            then:
              - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
    """
    rig = started(flow)
    first = rig.run("choose").id
    rig.restart_execution()
    assert rig.state() == "FAILED"
    assert rig.run("choose").id != first


def test_a_flowable_of_an_iteration_that_never_opened_is_created_again():
    flow = """
    id: f
    namespace: tests
    tasks:
      - id: each
        type: io.kestra.plugin.core.flow.ForEach
        values: [1, 2, 3]
        concurrencyLimit: 0
        tasks:
          - id: choose
            type: io.kestra.plugin.core.flow.If
            condition: "{{ taskrun.value == '1' ? secret('NAME') : true }}"
            then:
              - {id: a, type: io.kestra.plugin.core.log.Log, message: a}
    """
    rig = started(flow)
    rig.answer("choose[1]", ValueError("no such secret"))
    rig.run_to_end()
    assert rig.state() == "FAILED"
    first = {run_id for run_id, run in rig.seen().runs.items() if run.task_id == "choose"}
    rig.restart_execution()
    rig.settle()
    rig.restart(snapshot=True)
    rig.answer("choose[1]", True)
    rig.run_to_end()
    assert rig.state() == "SUCCESS"
    again = [run for run in rig.seen().runs.values() if run.task_id == "choose"]
    assert {run.iteration for run in again} == {0, 1, 2}
    assert len({run.id for run in again} - first) == 1
    rig.assert_rebuilds()


def test_late_reports_from_before_the_restart_do_not_match_new_runs():
    rig = started(CLEANING)
    rig.report("a", "failed")
    late = rig.outcome("e")
    rig.when(late)
    rig.report("z")
    rig.report("after")
    rig.restart_execution()
    rig.report("a", "failed")
    assert rig.out() == ["e"]
    assert rig.when(late).events == []


def test_a_restart_while_after_execution_runs_withdraws_it():
    rig = started(CLEANING)
    rig.report("a", "failed")
    rig.report("e")
    rig.report("z")
    assert rig.out() == ["after"]
    gone = rig.run("after").id
    rig.when(RestartExecution(execution_id="e1", at=rig.now))
    assert [message.task_run_id for message in rig.sent(WithdrawAttempt)] == [gone]
    assert rig.states() == {"a": "SUBMITTED"}
    rig.attempts.pop(gone)
    rig.assert_rebuilds()
    rig.run_to_end()
    assert rig.state() == "SUCCESS"


def test_a_restart_runs_the_revision_that_it_ran():
    rig = started(LINEAR)
    rig.report("a", "failed")
    rig.flows.add(LINEAR.replace("id: b", "id: other"))
    rig.restart_execution()
    rig.report("a")
    assert rig.out() == ["b"]


def mark(rig, name, state):
    record = record_of(rig.seen(), rig.events_of("e1"))
    run_id = rig.run(name).id
    return rig.when(
        RestartExecution(execution_id="e1", at=rig.now, record=record, task_run_id=run_id, state=state)
    )


def test_a_run_that_is_given_a_state_is_not_run_and_the_flow_goes_on_from_it():
    rig = started(CLEANING)
    rig.report("a", "failed")
    rig.run_to_end()
    assert rig.state() == "FAILED"
    mark(rig, "a", State.SUCCESS)
    assert rig.states() == {"a": "SUCCESS", "b": "SUBMITTED"}
    rig.run_to_end()
    assert rig.state() == "SUCCESS"
    assert rig.seen().labels["system.restarted"] == "true"
    rig.assert_rebuilds()


def test_a_successful_run_can_be_given_a_failure():
    rig = started(CLEANING)
    rig.run_to_end()
    mark(rig, "c", State.FAILED)
    assert rig.run("c").state is State.FAILED
    rig.run_to_end()
    assert rig.state() == "FAILED"
    assert "e" in rig.states()


def test_a_run_that_does_not_exist_is_not_marked():
    rig = started(CLEANING)
    rig.run_to_end()
    record = record_of(rig.seen(), rig.events_of("e1"))
    command = RestartExecution(
        execution_id="e1", at=rig.now, record=record, task_run_id="none", state=State.SUCCESS
    )
    assert rig.when(command).events == []
