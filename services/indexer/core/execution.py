"""Events of executions folded into their rows and those of their task runs. Pure.

The guard against duplicates is the number of the last event in the execution's row: an event at or below it changes
nothing, not even a task run, since a restart may have removed that one meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from contracts.execution import (
    AttemptRecord,
    ExecutionCreated,
    ExecutionEnded,
    ExecutionEvent,
    ExecutionKilling,
    ExecutionQueued,
    ExecutionRecord,
    ExecutionRestarted,
    ExecutionRetrying,
    ExecutionStarted,
    History,
    Outcome,
    TaskRunCreated,
    TaskRunEnded,
    TaskRunRecord,
    TaskRunRetrying,
    TaskRunStarted,
    TaskRunSubmitted,
    TriggerRef,
)
from contracts.scalars import Millis
from contracts.states import ENDED, State
from services.indexer.core.change import Changes, Known
from services.indexer.core.rows import ExecutionRow, RunKey, TaskRunRow, clean, json_text, labels_text

R = TypeVar("R", ExecutionRow, TaskRunRow)

_OUTCOMES: dict[Outcome, State] = {
    "succeeded": State.SUCCESS,
    "warned": State.WARNING,
    "failed": State.FAILED,
    "timed_out": State.FAILED,
    "cancelled": State.KILLED,
    "lost": State.FAILED,
}


def fold_execution(known: Known, changes: Changes, event: ExecutionEvent) -> bool:
    """False for an orphan: an event of an execution or task run whose creation was not seen."""
    row = changes.executions.get(event.execution_id)
    if row is None:
        before = known.executions.get(event.execution_id)
        if before is None:
            return _begin(known, changes, event)
        if event.seq <= before.seq:
            return True
        row = _copy_execution(before)
        changes.executions[row.id] = row
    elif event.seq <= row.seq:
        return True
    row.seq = event.seq
    return _FOLD[type(event)](known, changes, row, event)


def task_runs_touched(event: ExecutionEvent) -> list[str]:
    """Ids of the task runs whose present rows the event needs."""
    match event:
        case TaskRunSubmitted() | TaskRunStarted() | TaskRunRetrying() | TaskRunEnded():
            return [event.task_run_id]
        case ExecutionRestarted():
            return [run.id for run in event.record.task_runs] if event.record is not None else []
        case _:
            return []


def _begin(known: Known, changes: Changes, event: ExecutionEvent) -> bool:
    if isinstance(event, ExecutionCreated):
        changes.executions[event.execution_id] = _created(event)
        return True
    if isinstance(event, ExecutionRestarted) and event.record is not None:
        record = event.record
        row = ExecutionRow(
            record.id,
            record.histories[0].at if record.histories else event.at,
            event.seq,
            record.namespace,
            record.flow_id,
            record.revision,
        )
        changes.executions[row.id] = row
        return _restarted(known, changes, row, event)
    return False


def _created(event: ExecutionCreated) -> ExecutionRow:
    row = ExecutionRow(
        event.execution_id, event.at, event.seq, event.namespace, event.flow_id, event.revision
    )
    row.histories = [History(State.CREATED, event.at)]
    _describe(row, event)
    return row


def _describe(row: ExecutionRow, source: ExecutionCreated | ExecutionRecord) -> None:
    row.revision = source.revision
    row.labels = labels_text(source.labels)
    row.inputs = json_text(source.inputs)
    _set_trigger(row, source.trigger, source.parent_id)
    row.parent_id = source.parent_id
    row.original_id = source.original_id
    row.scheduled_at = source.scheduled_at
    row.kind = source.kind
    row.attempt_number = source.attempt_number
    row.trigger_key = source.trigger_key
    row.limit_key = source.limit_key
    row.trace_parent = source.trace_parent


def _set_trigger(row: ExecutionRow, trigger: TriggerRef | None, parent_id: str | None) -> None:
    row.trigger_execution_id = parent_id
    if trigger is None:
        row.trigger = row.trigger_id = None
        return
    row.trigger = json_text(trigger)
    row.trigger_id = trigger.id
    cause = trigger.variables.get("executionId")
    if isinstance(cause, str):
        row.trigger_execution_id = clean(cause)


def _copy_execution(row: ExecutionRow) -> ExecutionRow:
    copy = _shallow(row)
    copy.histories = row.histories.copy()
    return copy


def _shallow(row: R) -> R:
    copy = object.__new__(type(row))
    for name in row.__slots__:
        setattr(copy, name, getattr(row, name))
    return copy


def _turns(state: State) -> Callable[[Known, Changes, ExecutionRow, Any], bool]:
    def turn(_known: Known, _changes: Changes, row: ExecutionRow, event: Any) -> bool:
        _append(row.histories, state, event.at)
        return True

    return turn


def _seen_again(_known: Known, _changes: Changes, _row: ExecutionRow, _event: ExecutionCreated) -> bool:
    """A creation numbered above events that we have: the number moves on, what is known stays."""
    return True


def _ended(_known: Known, _changes: Changes, row: ExecutionRow, event: ExecutionEnded) -> bool:
    _append(row.histories, event.state, event.at)
    row.ended_at = row.histories[-1].at
    row.outputs = json_text(event.outputs)
    row.reason = clean(event.reason)
    return True


def _restarted(known: Known, changes: Changes, row: ExecutionRow, event: ExecutionRestarted) -> bool:
    row.ended_at = None
    row.outputs, row.reason = "{}", ""
    row.attempt_number = event.attempt_number
    for run_id in event.removed:
        key = (row.id, run_id)
        changes.task_runs.pop(key, None)
        changes.removed_task_runs.add(key)
    if event.record is not None:
        _describe(row, event.record)
        row.attempt_number = event.attempt_number
        row.histories = list(event.record.histories)
        for index, kept in enumerate(event.record.task_runs):
            _keep(known, changes, row, kept, event.seq + index)
    if not row.histories or row.histories[-1].state is not State.RESTARTED:
        _append(row.histories, State.RESTARTED, event.at)
    return True


def _keep(
    known: Known, changes: Changes, execution: ExecutionRow, record: TaskRunRecord, position: int
) -> None:
    key = (execution.id, record.id)
    before = _present(known, changes, key)
    row = TaskRunRow(
        execution.id,
        record.id,
        execution.created_at,
        execution.seq,
        position if before is None else before.position,
        record.task_id,
        record.parent_id,
        None if record.value is None else clean(record.value),
        record.iteration,
    )
    row.histories = list(record.histories) or [History(State.CREATED, execution.histories[-1].at)]
    row.attempts = list(record.attempts)
    row.outputs = json_text(record.outputs)
    row.outputs_uri = record.outputs_uri
    changes.task_runs[key] = row


def _run_created(_known: Known, changes: Changes, execution: ExecutionRow, event: TaskRunCreated) -> bool:
    row = TaskRunRow(
        execution.id,
        event.task_run_id,
        execution.created_at,
        event.seq,
        event.seq,
        event.task_id,
        event.parent_task_run_id,
        None if event.value is None else clean(event.value),
        event.iteration,
    )
    row.histories = [History(State.CREATED, event.at)]
    if event.state is not State.CREATED:
        row.histories.append(History(event.state, event.at))
    if event.state is State.SUBMITTED:
        row.attempts = [AttemptRecord(number=1, histories=[History(State.CREATED, event.at)])]
    row.outputs = json_text(event.outputs)
    changes.task_runs[execution.id, row.id] = row
    return True


def _run_submitted(known: Known, changes: Changes, execution: ExecutionRow, event: TaskRunSubmitted) -> bool:
    row = _touch(known, changes, execution, event.task_run_id)
    if row is None:
        return False
    if row.attempts and row.attempts[-1].number < event.attempt:
        # The worker of the attempt before was lost: nobody else says that it is over.
        _end_attempt(row, row.attempts[-1].number, State.FAILED, event.at)
    _append(row.histories, State.SUBMITTED, event.at)
    _attempt_at(row, event.attempt, event.at)
    return True


def _run_started(known: Known, changes: Changes, execution: ExecutionRow, event: TaskRunStarted) -> bool:
    row = _touch(known, changes, execution, event.task_run_id)
    if row is None:
        return False
    _append(row.histories, State.RUNNING, event.started_at)
    index = _attempt_at(row, event.attempt, event.started_at)
    attempt = row.attempts[index]
    histories = attempt.histories.copy()
    _append(histories, State.RUNNING, event.started_at)
    row.attempts[index] = AttemptRecord(number=attempt.number, worker_id=event.worker_id, histories=histories)
    return True


def _run_retrying(known: Known, changes: Changes, execution: ExecutionRow, event: TaskRunRetrying) -> bool:
    row = _touch(known, changes, execution, event.task_run_id)
    if row is None:
        return False
    _end_attempt(row, event.attempt, _OUTCOMES[event.outcome], event.ended_at)
    _append(row.histories, State.RETRYING, event.at)
    row.message = clean(event.message)
    return True


def _run_ended(known: Known, changes: Changes, execution: ExecutionRow, event: TaskRunEnded) -> bool:
    row = _touch(known, changes, execution, event.task_run_id)
    if row is None:
        return False
    at = event.at if event.ended_at is None else event.ended_at
    _append(row.histories, event.state, at)
    if event.attempt:
        _end_attempt(row, event.attempt, event.state, at)
    if event.outputs:
        row.outputs = json_text(event.outputs)
    row.outputs_uri = event.outputs_uri
    row.message = clean(event.message)
    return True


def _present(known: Known, changes: Changes, key: RunKey) -> TaskRunRow | None:
    row = changes.task_runs.get(key)
    if row is not None or key in changes.removed_task_runs:
        return row
    return known.task_runs.get(key)


def _touch(known: Known, changes: Changes, execution: ExecutionRow, run_id: str) -> TaskRunRow | None:
    key = (execution.id, run_id)
    row = changes.task_runs.get(key)
    if row is None:
        before = _present(known, changes, key)
        if before is None:
            return None
        row = _shallow(before)
        row.histories = before.histories.copy()
        row.attempts = before.attempts.copy()
        changes.task_runs[key] = row
    row.seq = execution.seq
    return row


def _attempt_at(row: TaskRunRow, number: int, at: Millis) -> int:
    """Index of the attempt, which begins now unless it is known."""
    for index in range(len(row.attempts) - 1, -1, -1):
        if row.attempts[index].number == number:
            return index
    row.attempts.append(AttemptRecord(number=number, histories=[History(State.CREATED, at)]))
    return len(row.attempts) - 1


def _end_attempt(row: TaskRunRow, number: int, state: State, at: Millis) -> None:
    index = _attempt_at(row, number, at)
    attempt = row.attempts[index]
    if attempt.histories and attempt.histories[-1].state in ENDED:
        return
    histories = attempt.histories.copy()
    _append(histories, state, at)
    row.attempts[index] = msgspec.structs.replace(attempt, histories=histories)


def _append(histories: list[History], state: State, at: Millis) -> None:
    """A worker's clock may be behind ours; a history never goes back."""
    if histories and histories[-1].at > at:
        at = histories[-1].at
    histories.append(History(state, at))


_FOLD: dict[type[ExecutionEvent], Callable[[Known, Changes, ExecutionRow, Any], bool]] = {
    ExecutionCreated: _seen_again,
    ExecutionQueued: _turns(State.QUEUED),
    ExecutionStarted: _turns(State.RUNNING),
    ExecutionRetrying: _turns(State.RETRYING),
    ExecutionKilling: _turns(State.KILLING),
    ExecutionRestarted: _restarted,
    ExecutionEnded: _ended,
    TaskRunCreated: _run_created,
    TaskRunSubmitted: _run_submitted,
    TaskRunStarted: _run_started,
    TaskRunRetrying: _run_retrying,
    TaskRunEnded: _run_ended,
}
