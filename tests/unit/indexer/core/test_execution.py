"""Events of executions become rows: given events, then rows."""

from __future__ import annotations

from typing import Any

from msgspec import structs

from contracts.execution import (
    AttemptRecord,
    ExecutionCreated,
    ExecutionRecord,
    ExecutionRestarted,
    ExecutionStarted,
    History,
    RunsRestored,
    TaskRunCreated,
    TaskRunEnded,
    TaskRunRecord,
    TaskRunStarted,
    TaskRunSubmitted,
    TriggerRef,
)
from contracts.states import State
from services.indexer.core.rows import execution_row, task_run_row
from tests.unit.indexer.stories import T0, Table, failed_retried_restarted, seen, two_tasks


def _states(histories: list[History]) -> list[str]:
    return [past.state.value for past in histories]


def test_a_whole_execution_in_one_batch_is_one_row_and_one_row_a_task_run():
    changes = Table().apply(seen(two_tasks("e1")))

    assert list(changes.executions) == ["e1"]
    assert list(changes.task_runs) == [("e1", "e1-first"), ("e1", "e1-second")]
    row = changes.executions["e1"]
    assert _states(row.histories) == ["CREATED", "RUNNING", "SUCCESS"]
    assert (row.seq, row.created_at, row.ended_at) == (9, T0, T0 + 30)
    assert row.inputs == '{"zulu":1,"alpha":[true,null]}'
    assert row.labels == '[{"key":"team","value":"bi"},{"key":"a","value":"b"}]'
    assert row.trigger_id == "hook"
    run = changes.task_runs["e1", "e1-first"]
    assert _states(run.histories) == ["CREATED", "SUBMITTED", "RUNNING", "SUCCESS"]
    assert [past.at - T0 for past in run.histories] == [2, 2, 5, 7]
    assert [(a.number, a.worker_id, _states(a.histories)) for a in run.attempts] == [
        (1, "w1", ["CREATED", "RUNNING", "SUCCESS"])
    ]
    assert run.outputs == '{"value":"first"}'


def test_an_event_at_or_below_the_rows_number_changes_nothing():
    table = Table()
    table.apply(seen(two_tasks("e1")))
    before = table.dump()

    changes = table.apply(seen(two_tasks("e1")[2:7]))

    assert not changes.executions
    assert not changes.task_runs
    assert table.dump() == before


def test_a_restart_removes_the_end_and_runs_the_removed_task_run_again():
    table = Table()
    story = failed_retried_restarted("e1")
    table.apply(seen(story[:10]))
    failed = table.rows.task_runs["e1", "e1-second"]
    assert [(a.number, _states(a.histories)[-1]) for a in failed.attempts] == [(1, "FAILED"), (2, "FAILED")]
    assert _states(failed.histories) == ["CREATED", "SUBMITTED", "RETRYING", "SUBMITTED", "FAILED"]
    assert table.rows.executions["e1"].reason == "task second failed"

    table.apply(seen(story[10:12]))
    row = table.rows.executions["e1"]
    assert _states(row.histories) == ["CREATED", "RUNNING", "FAILED", "RESTARTED", "RUNNING"]
    assert (row.ended_at, row.reason) == (None, "")
    assert list(table.rows.task_runs) == [("e1", "e1-first")]

    table.apply(seen(story[12:]))
    again = table.rows.task_runs["e1", "e1-second"]
    assert [(a.number, _states(a.histories)[-1]) for a in again.attempts] == [(1, "SUCCESS")]
    assert table.rows.task_runs["e1", "e1-first"].position < again.position


def test_a_task_run_removed_by_a_restart_is_not_brought_back_by_duplicates():
    table = Table()
    story = failed_retried_restarted("e1")
    table.apply(seen(story[:12]))

    table.apply(seen(story[5:9]))

    assert list(table.rows.task_runs) == [("e1", "e1-first")]


def test_a_lost_attempt_is_closed_when_the_next_is_submitted():
    table = Table()
    table.apply(
        seen(
            [
                *two_tasks("e1")[:4],
                TaskRunSubmitted(execution_id="e1", seq=5, at=T0 + 100, task_run_id="e1-first", attempt=2),
            ]
        )
    )
    run = table.rows.task_runs["e1", "e1-first"]
    assert [(a.number, _states(a.histories)[-1]) for a in run.attempts] == [(1, "FAILED"), (2, "CREATED")]


def test_a_worker_whose_clock_is_behind_does_not_turn_a_history_back():
    table = Table()
    table.apply(
        seen(
            [
                *two_tasks("e1")[:3],
                TaskRunStarted(
                    execution_id="e1",
                    seq=4,
                    at=T0 + 9,
                    task_run_id="e1-first",
                    attempt=1,
                    started_at=T0 - 60_000,
                ),
            ]
        )
    )
    assert [past.at - T0 for past in table.rows.task_runs["e1", "e1-first"].histories] == [2, 2, 2]


def test_events_without_their_beginning_are_orphans():
    changes = Table().apply(seen(two_tasks("e1")[1:]))
    assert len(changes.orphans) == 8
    assert not changes.executions
    assert not changes.task_runs


def test_an_end_of_an_unknown_task_run_is_an_orphan_and_the_execution_goes_on():
    table = Table()
    lost = TaskRunEnded(execution_id="e1", seq=3, at=T0 + 5, task_run_id="gone", state=State.FAILED)
    table.apply(seen([*two_tasks("e1")[:2], lost, *two_tasks("e1")[3:]]))
    assert [orphan.message for orphan in table.orphans] == [lost, *two_tasks("e1")[3:5]]
    assert table.rows.executions["e1"].ended_at == T0 + 30


def test_a_restart_with_its_record_needs_no_beginning():
    changes = Table().apply(seen(failed_retried_restarted("e1")[10:]))
    assert not changes.orphans
    row = changes.executions["e1"]
    assert row.created_at == T0
    assert _states(row.histories)[-1] == "SUCCESS"
    assert set(changes.task_runs) == {("e1", "e1-first"), ("e1", "e1-second")}


def test_a_restart_without_a_record_keeps_what_it_does_not_remove():
    table = Table()
    table.apply(seen(two_tasks("e1")))
    table.apply(
        seen(
            [
                ExecutionRestarted(
                    execution_id="e1", seq=10, at=T0 + 50, attempt_number=2, removed=["e1-second"]
                )
            ]
        )
    )
    row = table.rows.executions["e1"]
    assert (row.ended_at, row.attempt_number, row.histories[-1].state) == (None, 2, State.RESTARTED)
    assert list(table.rows.task_runs) == [("e1", "e1-first")]


def test_a_restart_adds_to_the_past_of_the_task_runs_that_it_runs_again():
    table = Table()
    story = failed_retried_restarted("e1")
    table.apply(seen(story[:10]))
    restarted = story[10]
    assert isinstance(restarted, ExecutionRestarted)
    assert restarted.record is not None
    at = restarted.at
    abridged = TaskRunRecord(
        id="e1-second",
        task_id="second",
        histories=[History(State.CREATED, T0), History(State.FAILED, T0 + 1), History(State.RESTARTED, at)],
        attempts=[AttemptRecord(number=1), AttemptRecord(number=2)],
    )
    record = structs.replace(restarted.record, task_runs=[*restarted.record.task_runs, abridged])
    table.apply(seen([structs.replace(restarted, removed=[], record=record)]))

    kept, again = (table.rows.task_runs["e1", f"e1-{name}"] for name in ("first", "second"))
    assert _states(kept.histories) == ["CREATED", "SUBMITTED", "RUNNING", "SUCCESS"]
    assert kept.attempts[0].worker_id == "w1"
    assert _states(again.histories) == [
        "CREATED",
        "SUBMITTED",
        "RETRYING",
        "SUBMITTED",
        "FAILED",
        "RESTARTED",
    ]
    assert [(a.number, _states(a.histories)[-1]) for a in again.attempts] == [(1, "FAILED"), (2, "FAILED")]
    assert (again.message, again.outputs) == ("", "{}")


def test_the_rest_of_a_large_restart_changes_the_task_runs_as_its_beginning_does():
    table = Table()
    story = failed_retried_restarted("e1")
    table.apply(seen(story[:10]))
    restarted = story[10]
    assert isinstance(restarted, ExecutionRestarted)
    assert restarted.record is not None
    at = restarted.at
    again = TaskRunRecord(
        id="e1-second",
        task_id="second",
        histories=[History(State.FAILED, T0 + 1), History(State.RESTARTED, at)],
    )
    taken = TaskRunRecord(id="taken", task_id="third", histories=[History(State.SUCCESS, T0)])
    bare = structs.replace(restarted.record, task_runs=[])
    fields: dict[str, Any] = {"execution_id": "e1", "at": at + 1, "since": at}
    table.apply(seen([structs.replace(restarted, removed=[], record=bare, continued=True)]))
    table.apply(
        seen(
            [
                RunsRestored(seq=restarted.seq + 1, removed=["e1-first"], **fields),
                RunsRestored(seq=restarted.seq + 2, runs=[again, taken], **fields),
            ]
        )
    )
    assert list(table.rows.task_runs) == [("e1", "e1-second"), ("e1", "taken")]
    assert _states(table.rows.task_runs["e1", "e1-second"].histories)[-2:] == ["FAILED", "RESTARTED"]
    assert _states(table.rows.task_runs["e1", "taken"].histories) == ["SUCCESS"]
    assert table.rows.executions["e1"].seq == restarted.seq + 2


def test_an_attempt_that_a_restart_gave_up_is_over():
    table = Table()
    table.apply(seen(two_tasks("e1")[:4]))
    open_run = TaskRunRecord(
        id="e1-first",
        task_id="first",
        histories=[History(State.CREATED, T0), History(State.RESTARTED, T0 + 50)],
    )
    record = ExecutionRecord(
        id="e1", namespace="n", flow_id="f", revision=1, seq=4, histories=[], task_runs=[open_run]
    )
    table.apply(
        seen([ExecutionRestarted(execution_id="e1", seq=5, at=T0 + 50, attempt_number=2, record=record)])
    )
    (attempt,) = table.rows.task_runs["e1", "e1-first"].attempts
    assert _states(attempt.histories) == ["CREATED", "RUNNING", "KILLED"]


def test_the_cause_of_an_execution_can_be_searched():
    created = two_tasks("e1")[0]
    assert isinstance(created, ExecutionCreated)
    child = ExecutionCreated(
        execution_id="e2",
        seq=1,
        at=T0,
        namespace="a",
        flow_id="b",
        revision=1,
        parent_id="p",
        trigger=TriggerRef(id="t", type="x", variables={"executionId": "cause"}),
    )
    changes = Table().apply(seen([created, child]))
    assert changes.executions["e1"].trigger_execution_id is None
    assert changes.executions["e2"].trigger_execution_id == "cause"


def test_known_rows_are_not_changed_by_a_fold():
    table = Table()
    table.apply(seen(two_tasks("e1")[:4]))
    execution, run = table.rows.executions["e1"], table.rows.task_runs["e1", "e1-first"]
    values = execution.values(), run.values()

    table.apply(seen(two_tasks("e1")[4:]))

    assert (execution.values(), run.values()) == values
    assert table.rows.executions["e1"] is not execution


def test_nul_characters_become_replacement_characters_where_text_cannot_hold_them():
    table = Table()
    table.apply(seen(two_tasks("e1", labels={"k\x00": "v\x00"})[:2]))
    assert table.rows.executions["e1"].labels == '[{"key":"k\ufffd","value":"v\ufffd"}]'
    table.apply(
        seen(
            [
                TaskRunCreated(
                    execution_id="e1", seq=3, at=T0, task_run_id="r", task_id="t", value="\x00", iteration=0
                )
            ]
        )
    )
    assert table.rows.task_runs["e1", "r"].value == "\ufffd"


def test_rows_read_back_are_the_rows_written():
    table = Table()
    table.apply(seen(two_tasks("e1")))
    for execution in table.rows.executions.values():
        assert execution_row(execution.values()) == execution
    for run in table.rows.task_runs.values():
        assert task_run_row(run.values()) == run


def test_states_of_waiting_executions_are_kept_in_order():
    from contracts.execution import ExecutionKilling, ExecutionQueued, ExecutionRetrying

    table = Table()
    kinds = [ExecutionQueued, ExecutionStarted, ExecutionRetrying, ExecutionKilling]
    events = [kind(execution_id="e1", seq=seq, at=T0 + seq) for seq, kind in enumerate(kinds, 2)]
    table.apply(seen([two_tasks("e1")[0], *events]))
    states = _states(table.rows.executions["e1"].histories)
    assert states == ["CREATED", "QUEUED", "RUNNING", "RETRYING", "KILLING"]
