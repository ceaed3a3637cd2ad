"""Events of task runs folded into their rows, the execution's row being settled. Pure."""

from __future__ import annotations

from contracts.execution import (
    AttemptRecord,
    History,
    Outcome,
    TaskRunCreated,
    TaskRunEnded,
    TaskRunRecord,
    TaskRunRetrying,
    TaskRunStarted,
    TaskRunSubmitted,
)
from contracts.scalars import Millis
from contracts.states import State
from services.indexer.core.change import Changes, Known
from services.indexer.core.history import append, attempt_at, end_attempt
from services.indexer.core.rows import (
    ExecutionRow,
    RunKey,
    TaskRunRow,
    clean,
    clean_or_none,
    json_text,
    shallow,
)

_OUTCOMES: dict[Outcome, State] = {
    "succeeded": State.SUCCESS,
    "warned": State.WARNING,
    "failed": State.FAILED,
    "timed_out": State.FAILED,
    "cancelled": State.KILLED,
    "lost": State.FAILED,
}


def keep(known: Known, changes: Changes, execution: ExecutionRow, record: TaskRunRecord, at: Millis) -> None:
    """A restart at ``at`` keeps it. What is known of its past stays; the record may be an abridgement."""
    key = (execution.id, record.id)
    before = _present(known, changes, key)
    renewed = History(State.RESTARTED, at)
    tail = record.histories[record.histories.index(renewed) :] if renewed in record.histories else []
    if before is None:
        row = TaskRunRow(
            execution.id,
            record.id,
            execution.created_at,
            execution.seq,
            execution.seq,
            record.task_id,
            record.parent_id,
            None if record.value is None else clean(record.value),
            record.iteration,
            histories=list(record.histories) or [History(State.CREATED, at)],
            attempts=list(record.attempts),
        )
    else:
        row = _copy(before)
        row.seq = execution.seq
        row.histories += tail
        if tail:
            row.message = ""
            for attempt in before.attempts[-1:]:
                end_attempt(row, attempt.number, State.KILLED, at)
    row.outputs = json_text(record.outputs)
    row.outputs_uri = clean_or_none(record.outputs_uri)
    changes.task_runs[key] = row


def created(_known: Known, changes: Changes, execution: ExecutionRow, event: TaskRunCreated) -> bool:
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


def submitted(known: Known, changes: Changes, execution: ExecutionRow, event: TaskRunSubmitted) -> bool:
    row = _touch(known, changes, execution, event.task_run_id)
    if row is None:
        return False
    if row.attempts and row.attempts[-1].number < event.attempt:
        # The worker of the attempt before was lost: nobody else says that it is over.
        end_attempt(row, row.attempts[-1].number, State.FAILED, event.at)
    append(row.histories, State.SUBMITTED, event.at)
    attempt_at(row, event.attempt, event.at)
    return True


def started(known: Known, changes: Changes, execution: ExecutionRow, event: TaskRunStarted) -> bool:
    row = _touch(known, changes, execution, event.task_run_id)
    if row is None:
        return False
    append(row.histories, State.RUNNING, event.started_at)
    index = attempt_at(row, event.attempt, event.started_at)
    attempt = row.attempts[index]
    histories = attempt.histories.copy()
    append(histories, State.RUNNING, event.started_at)
    row.attempts[index] = AttemptRecord(number=attempt.number, worker_id=event.worker_id, histories=histories)
    return True


def retrying(known: Known, changes: Changes, execution: ExecutionRow, event: TaskRunRetrying) -> bool:
    row = _touch(known, changes, execution, event.task_run_id)
    if row is None:
        return False
    end_attempt(row, event.attempt, _OUTCOMES[event.outcome], event.ended_at)
    append(row.histories, State.RETRYING, event.at)
    row.message = clean(event.message)
    return True


def ended(known: Known, changes: Changes, execution: ExecutionRow, event: TaskRunEnded) -> bool:
    row = _touch(known, changes, execution, event.task_run_id)
    if row is None:
        return False
    at = event.at if event.ended_at is None else event.ended_at
    append(row.histories, event.state, at)
    if event.attempt:
        end_attempt(row, event.attempt, event.state, at)
    if event.outputs:
        row.outputs = json_text(event.outputs)
    row.outputs_uri = clean_or_none(event.outputs_uri)
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
        row = _copy(before)
        changes.task_runs[key] = row
    row.seq = execution.seq
    return row


def _copy(row: TaskRunRow) -> TaskRunRow:
    copy = shallow(row)
    copy.histories = row.histories.copy()
    copy.attempts = row.attempts.copy()
    return copy
