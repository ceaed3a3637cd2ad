"""Folds events of executions into their rows and the rows of their task runs. Pure.

The number of the last event in the execution's row guards against duplicates. An event at or below it changes nothing, not
even a task run, because a restart may have removed that task run meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from contracts.execution import (
    ExecutionCreated,
    ExecutionDeleted,
    ExecutionEnded,
    ExecutionEvent,
    ExecutionPrepared,
    ExecutionRecord,
    ExecutionRestarted,
    ExecutionStateChanged,
    ExecutionUpdated,
    History,
    RunsRestored,
    TaskRunCreated,
    TaskRunEnded,
    TaskRunOpened,
    TaskRunPaused,
    TaskRunRepeated,
    TaskRunResumed,
    TaskRunRetrying,
    TaskRunStarted,
    TaskRunSubmitted,
    TaskRunSuspended,
    TriggerRef,
)
from contracts.history import TURNS, append, restarted
from contracts.message import Message
from contracts.states import State
from services.indexer.core import task_run
from services.indexer.core.change import Changes, Known
from services.indexer.core.rows import (
    ExecutionRow,
    clean,
    clean_or_none,
    json_text,
    labels_text,
    shallow,
)


def fold_execution(known: Known, changes: Changes, event: ExecutionEvent) -> bool:
    """Fold one event. Return False for an orphan: the creation of its execution or task run was not seen."""
    row = changes.executions.get(event.execution_id)
    if row is None:
        gone = event.execution_id in changes.removed_executions
        before = None if gone else known.executions.get(event.execution_id)
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
    """Return the ids of the task runs whose present rows the event needs."""
    match event:
        case (
            TaskRunOpened()
            | TaskRunSubmitted()
            | TaskRunStarted()
            | TaskRunRetrying()
            | TaskRunPaused()
            | TaskRunResumed()
            | TaskRunSuspended()
            | TaskRunRepeated()
            | TaskRunEnded()
        ):
            return [event.task_run_id]
        case ExecutionRestarted():
            return [run.id for run in event.record.task_runs] if event.record is not None else []
        case RunsRestored():
            return [run.id for run in event.runs]
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
    # A repeated deletion finds nothing.
    return isinstance(event, ExecutionDeleted)


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
    row.parent_id = clean_or_none(source.parent_id)
    row.original_id = clean_or_none(source.original_id)
    row.scheduled_at = source.scheduled_at
    row.kind = source.kind
    row.attempt_number = source.attempt_number
    row.trigger_key = clean_or_none(source.trigger_key)
    row.limit_key = source.limit_key
    row.trace_parent = clean_or_none(source.trace_parent)
    row.variables = None if source.variables is None else json_text(source.variables)
    row.parent = None if source.parent is None else json_text(source.parent)


def _set_trigger(row: ExecutionRow, trigger: TriggerRef | None, parent_id: str | None) -> None:
    row.trigger_execution_id = clean_or_none(parent_id)
    if trigger is None:
        row.trigger = row.trigger_id = None
        return
    row.trigger = json_text(trigger)
    row.trigger_id = clean(trigger.id)
    cause = trigger.variables.get("executionId")
    if isinstance(cause, str):
        row.trigger_execution_id = clean(cause)


def _copy_execution(row: ExecutionRow) -> ExecutionRow:
    copy = shallow(row)
    copy.histories = row.histories.copy()
    return copy


def _turns(state: State) -> Callable[[Known, Changes, ExecutionRow, Any], bool]:
    def turn(_known: Known, _changes: Changes, row: ExecutionRow, event: Any) -> bool:
        append(row.histories, state, event.at)
        return True

    return turn


def _seen_again(_known: Known, _changes: Changes, _row: ExecutionRow, _event: ExecutionCreated) -> bool:
    """Fold a repeated creation that is numbered above known events. Only the number advances."""
    return True


def _prepared(_known: Known, _changes: Changes, row: ExecutionRow, event: ExecutionPrepared) -> bool:
    row.inputs = json_text(event.inputs)
    return True


def _ended(_known: Known, _changes: Changes, row: ExecutionRow, event: ExecutionEnded) -> bool:
    append(row.histories, event.state, event.at)
    row.ended_at = row.histories[-1].at
    row.outputs = json_text(event.outputs)
    row.reason = clean(event.reason)
    return True


def _updated(_known: Known, _changes: Changes, row: ExecutionRow, event: ExecutionUpdated) -> bool:
    if event.labels is not None:
        row.labels = labels_text(event.labels)
    if event.variables is not None:
        row.variables = json_text(event.variables)
    return True


def _state_changed(_known: Known, _changes: Changes, row: ExecutionRow, event: ExecutionStateChanged) -> bool:
    append(row.histories, event.state, event.at)
    row.ended_at = row.histories[-1].at
    return True


def _restarted(known: Known, changes: Changes, row: ExecutionRow, event: ExecutionRestarted) -> bool:
    row.ended_at = None
    row.outputs, row.reason = "{}", ""
    row.attempt_number = event.attempt_number
    task_run.remove(changes, row, event.removed)
    if event.record is not None:
        _describe(row, event.record)
        row.attempt_number = event.attempt_number
        for kept in event.record.task_runs:
            task_run.keep(known, changes, row, kept, event.at)
    row.histories = restarted(row.histories, event)
    return True


def _runs_restored(known: Known, changes: Changes, row: ExecutionRow, event: RunsRestored) -> bool:
    task_run.remove(changes, row, event.removed)
    for kept in event.runs:
        task_run.keep(known, changes, row, kept, event.since)
    return True


def _deleted(_known: Known, changes: Changes, row: ExecutionRow, _event: ExecutionDeleted) -> bool:
    del changes.executions[row.id]
    changes.removed_executions.add(row.id)
    for key in [key for key in changes.task_runs if key[0] == row.id]:
        del changes.task_runs[key]
    return True


_FOLD: dict[type[Message], Callable[[Known, Changes, ExecutionRow, Any], bool]] = {
    ExecutionCreated: _seen_again,
    ExecutionPrepared: _prepared,
    **{kind: _turns(state) for kind, state in TURNS.items()},
    ExecutionRestarted: _restarted,
    RunsRestored: _runs_restored,
    ExecutionUpdated: _updated,
    ExecutionStateChanged: _state_changed,
    ExecutionEnded: _ended,
    ExecutionDeleted: _deleted,
    TaskRunCreated: task_run.created,
    TaskRunOpened: task_run.opened,
    TaskRunSubmitted: task_run.submitted,
    TaskRunStarted: task_run.started,
    TaskRunRetrying: task_run.retrying,
    TaskRunPaused: task_run.paused,
    TaskRunResumed: task_run.resumed,
    TaskRunSuspended: task_run.suspended,
    TaskRunRepeated: task_run.repeated,
    TaskRunEnded: task_run.ended,
}
