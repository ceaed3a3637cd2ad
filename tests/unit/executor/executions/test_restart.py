"""Restart (docs/language/states.md#restart)."""

from typing import Any

import pytest

from contracts.execution import AttemptRecord, ExecutionRecord, History, RestartExecution, TaskRunRecord
from contracts.states import State
from tests.support.spec import FlowBook, WithdrawAttempt, World, record_of
from tests.unit.executor.executions.flows import CLEANING, LINEAR, PARALLEL, loop


def world_of(source: str, **start) -> World:
    world = World(FlowBook(source))
    world.start("f", **start)
    return world


def test_a_success_and_an_open_execution_are_not_restarted():
    world = world_of(LINEAR)
    record = record_of(world.seen(), world.events_of("e1"))
    assert world.when(RestartExecution(execution_id="e1", at=world.at, record=record)).events == []
    world.run_to_end()
    assert world.restart().events == []


def test_without_a_record_or_with_another_ones_nothing_happens():
    world = world_of(LINEAR)
    world.report("a", "failed")
    assert world.when(RestartExecution(execution_id="e1", at=world.at)).events == []
    record = record_of(world.seen(), world.events_of("e1"))
    assert world.when(RestartExecution(execution_id="e2", at=world.at, record=record)).events == []


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
    """Anyone may write one; what it says would be in snapshots for ever."""
    world = world_of(LINEAR)
    known: dict[str, Any] = {"id": "r", "task_id": "a", "histories": [History(State.FAILED, world.at)]}
    record = ExecutionRecord(
        id="e9",
        namespace="tests",
        flow_id="f",
        revision=1,
        seq=9,
        histories=[History(State.FAILED, world.at)],
        task_runs=[TaskRunRecord(**{**known, **forged})],
    )
    assert world.when(RestartExecution(execution_id="e9", at=world.at, record=record)).events == []


def test_the_same_restart_again_after_the_next_end_does_nothing():
    world = world_of(LINEAR)
    world.report("a", "failed")
    record = record_of(world.seen(), world.events_of("e1"))
    command = RestartExecution(execution_id="e1", at=world.at, record=record)
    world.when(command)
    assert world.when(command).events == []
    world.report("a", "failed")
    assert world.when(command).events == []


def test_siblings_that_succeeded_are_kept():
    world = world_of(PARALLEL)
    world.report("a")
    world.report("b", "failed")
    world.report("c")
    assert world.state() == "FAILED"
    world.restart()
    assert world.states() == {"p": "RUNNING", "a": "SUCCESS", "b": "SUBMITTED", "c": "SUCCESS"}
    world.assert_rebuilds()
    world.run_to_end()
    assert world.state() == "SUCCESS"


def test_killed_executions_restart():
    world = world_of(LINEAR)
    world.kill()
    world.report("a", "cancelled")
    world.restart()
    world.run_to_end()
    assert world.state() == "SUCCESS"


def test_iterations_that_failed_run_again_and_the_loop_goes_on():
    world = world_of(loop(1), inputs={"values": "[1, 2, 3]"})
    world.report("one[1]")
    world.report("two[1]")
    world.report("one[2]", "failed")
    world.restart()
    assert world.out() == ["one[2]"]
    world.assert_rebuilds()
    world.run_to_end()
    assert world.state() == "SUCCESS"
    assert len(world.seen().runs) == 1 + 6 + 1


def test_a_flowable_that_never_opened_is_made_anew():
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
    world = world_of(flow)
    first = world.run("choose").id
    world.restart()
    assert world.state() == "FAILED"
    assert world.run("choose").id != first


def test_late_reports_from_before_the_restart_do_not_match_runs_made_anew():
    world = world_of(CLEANING)
    world.report("a", "failed")
    late = world.outcome("e")
    world.when(late)
    world.report("z")
    world.report("after")
    world.restart()
    world.report("a", "failed")
    assert world.out() == ["e"]
    assert world.when(late).events == []


def test_a_restart_while_after_execution_runs_withdraws_it():
    world = world_of(CLEANING)
    world.report("a", "failed")
    world.report("e")
    world.report("z")
    assert world.out() == ["after"]
    gone = world.run("after").id
    world.when(RestartExecution(execution_id="e1", at=world.at))
    assert [message.task_run_id for message in world.sent(WithdrawAttempt)] == [gone]
    assert world.states() == {"a": "SUBMITTED"}
    world.attempts.pop(gone)
    world.assert_rebuilds()
    world.run_to_end()
    assert world.state() == "SUCCESS"


def test_a_restart_runs_the_revision_that_it_ran():
    world = world_of(LINEAR)
    world.report("a", "failed")
    world.flows.add(LINEAR.replace("id: b", "id: other"))
    world.restart()
    world.report("a")
    assert world.out() == ["b"]
