"""Folds events of task runs into their rows, after the execution's row. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol, TypeVar

from contracts import history
from contracts.execution import (
    History,
    TaskRunCreated,
    TaskRunEnded,
    TaskRunOpened,
    TaskRunPaused,
    TaskRunRecord,
    TaskRunRepeated,
    TaskRunResumed,
    TaskRunRetrying,
    TaskRunStarted,
    TaskRunSubmitted,
    TaskRunSuspended,
)
from contracts.scalars import Millis
from contracts.states import State
from services.indexer.core.change import Changes, Known
from services.indexer.core.rows import (
    ExecutionRow,
    RunKey,
    TaskRunRow,
    clean,
    clean_or_none,
    json_text,
    shallow,
)


class _AboutRun(Protocol):
    @property
    def task_run_id(self) -> str: ...


E = TypeVar("E", bound=_AboutRun)


def keep(known: Known, changes: Changes, execution: ExecutionRow, record: TaskRunRecord, at: Millis) -> None:
    """Keep a task run at the restart at ``at``."""
    key = (execution.id, record.id)
    before = _present(known, changes, key)
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
        if history.keep_run(row, record, at):
            row.message = ""
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
    history.begin_run(row, event)
    row.outputs = json_text(event.outputs)
    changes.task_runs[execution.id, row.id] = row
    return True


def _of_known_run(fold: Callable[[TaskRunRow, E], None]) -> Callable[[Known, Changes, ExecutionRow, E], bool]:
    """Fold an event into the row of its run. Return False if there is no such row."""

    def folded(known: Known, changes: Changes, execution: ExecutionRow, event: E) -> bool:
        row = _touch(known, changes, execution, event.task_run_id)
        if row is None:
            return False
        fold(row, event)
        return True

    return folded


@_of_known_run
def opened(row: TaskRunRow, event: TaskRunOpened) -> None:
    history.open_run(row, event)
    if event.outputs:
        row.outputs = json_text(event.outputs)


@_of_known_run
def submitted(row: TaskRunRow, event: TaskRunSubmitted) -> None:
    history.submit_run(row, event)


@_of_known_run
def started(row: TaskRunRow, event: TaskRunStarted) -> None:
    history.start_run(row, event)


@_of_known_run
def retrying(row: TaskRunRow, event: TaskRunRetrying) -> None:
    history.retry_run(row, event)
    row.message = clean(event.message)


@_of_known_run
def paused(row: TaskRunRow, event: TaskRunPaused) -> None:
    history.pause_run(row, event)


@_of_known_run
def resumed(row: TaskRunRow, event: TaskRunResumed) -> None:
    history.resume_run(row, event)
    if event.outputs:
        row.outputs = json_text(event.outputs)


@_of_known_run
def suspended(row: TaskRunRow, event: TaskRunSuspended) -> None:
    history.suspend_run(row, event)


def repeated(known: Known, changes: Changes, execution: ExecutionRow, event: TaskRunRepeated) -> bool:
    row = _touch(known, changes, execution, event.task_run_id)
    if row is None:
        return False
    history.repeat_run(row, event)
    row.outputs = json_text(event.outputs)
    remove(changes, execution, event.removed)
    return True


def remove(changes: Changes, execution: ExecutionRow, run_ids: Iterable[str]) -> None:
    for run_id in run_ids:
        key = (execution.id, run_id)
        changes.task_runs.pop(key, None)
        changes.removed_task_runs.add(key)


@_of_known_run
def ended(row: TaskRunRow, event: TaskRunEnded) -> None:
    history.end_run(row, event)
    if event.outputs:
        row.outputs = json_text(event.outputs)
    row.outputs_uri = clean_or_none(event.outputs_uri)
    row.message = clean(event.message)


def _present(known: Known, changes: Changes, key: RunKey) -> TaskRunRow | None:
    row = changes.task_runs.get(key)
    if row is not None or key in changes.removed_task_runs or key[0] in changes.removed_executions:
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
