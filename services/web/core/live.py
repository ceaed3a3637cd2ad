"""The present state of an execution: begun from a row or its first event, and updated by later events.
Streams and reads agree, because histories are folded as in the projection (``contracts.history``)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from contracts import history
from contracts.execution import (
    AnyExecutionEvent,
    AttemptRecord,
    ExecutionCreated,
    ExecutionDeleted,
    ExecutionEnded,
    ExecutionPrepared,
    ExecutionRestarted,
    ExecutionStateChanged,
    ExecutionUpdated,
    History,
    RunsRestored,
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
    TriggerRef,
)
from contracts.message import Message
from contracts.scalars import JsonObject, Millis
from contracts.states import ENDED, State
from services.web.core.rows import ExecutionRow, TaskRunRow


@dataclass(slots=True)
class LiveTaskRun:
    id: str
    task_id: str
    histories: list[History]
    parent_id: str | None = None
    value: str | None = None
    iteration: int | None = None
    attempts: list[AttemptRecord] = field(default_factory=list)
    outputs: JsonObject = field(default_factory=dict)
    outputs_uri: str | None = None

    @property
    def state(self) -> State:
        return self.histories[-1].state


@dataclass(slots=True)
class Live:
    id: str
    namespace: str
    flow_id: str
    revision: int
    seq: int
    histories: list[History]
    inputs: JsonObject = field(default_factory=dict)
    outputs: JsonObject = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    trigger: TriggerRef | None = None
    parent_id: str | None = None
    original_id: str | None = None
    scheduled_at: Millis | None = None
    kind: str = "NORMAL"
    attempt_number: int = 1
    trace_parent: str | None = None
    variables: JsonObject | None = None
    """None: those of the flow."""
    reason: str = ""
    task_runs: dict[str, LiveTaskRun] = field(default_factory=dict)
    """By id, in order of creation."""
    deleted: bool = False

    @property
    def state(self) -> State:
        return self.histories[-1].state

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def settled(self) -> bool:
        """True if it has ended, with everything that runs after the end."""
        return self.ended and all(run.state in ENDED for run in self.task_runs.values())

    def apply(self, event: AnyExecutionEvent) -> bool:
        """False if the event was known already and changed nothing."""
        if event.seq <= self.seq:
            return False
        self.seq = event.seq
        turned = history.TURNS.get(type(event))
        if turned is not None:
            history.append(self.histories, turned, event.at)
        elif isinstance(event, ExecutionEnded):
            history.append(self.histories, event.state, event.at)
            self.outputs, self.reason = event.outputs, event.reason
        elif isinstance(event, ExecutionDeleted):
            self.deleted = True
        elif isinstance(event, ExecutionStateChanged):
            history.append(self.histories, event.state, event.at)
        elif isinstance(event, ExecutionUpdated):
            self.labels = self.labels if event.labels is None else event.labels
            self.variables = self.variables if event.variables is None else event.variables
        elif isinstance(event, ExecutionPrepared):
            self.inputs = event.inputs
        elif isinstance(event, ExecutionRestarted):
            self._restart(event)
        elif isinstance(event, RunsRestored):
            self._restore(event.removed, event.runs, event.since)
        elif isinstance(event, TaskRunCreated):
            self.task_runs[event.task_run_id] = _created(event)
        else:
            self._apply_to_run(event)
        return True

    def _restart(self, event: ExecutionRestarted) -> None:
        self.outputs, self.reason = {}, ""
        if event.record is not None:
            for name in _DESCRIPTION:
                setattr(self, name, getattr(event.record, name))
        kept = event.record.task_runs if event.record is not None else []
        self._restore(event.removed, kept, event.at)
        self.attempt_number = event.attempt_number
        self.histories = history.restarted(self.histories, event)

    def _restore(self, removed: list[str], kept: list[TaskRunRecord], at: Millis) -> None:
        for gone in removed:
            self.task_runs.pop(gone, None)
        for record in kept:
            self._keep(record, at)

    def _keep(self, record: TaskRunRecord, at: Millis) -> None:
        known = self.task_runs.get(record.id)
        if known is None:
            self.task_runs[record.id] = _of_run(record)
            return
        history.keep_run(known, record, at)
        known.outputs, known.outputs_uri = record.outputs, record.outputs_uri

    def _apply_to_run(self, event: AnyExecutionEvent) -> None:
        fold = _OF_RUNS.get(type(event))
        run = self.task_runs.get(getattr(event, "task_run_id", ""))
        if fold is None or run is None:
            return
        fold(run, event)
        if isinstance(event, TaskRunRepeated):
            run.outputs = event.outputs
            for removed in event.removed:
                self.task_runs.pop(removed, None)
        elif isinstance(event, TaskRunOpened | TaskRunResumed | TaskRunEnded) and event.outputs:
            run.outputs = event.outputs
        if isinstance(event, TaskRunEnded):
            run.outputs_uri = event.outputs_uri


_DESCRIPTION = (
    "revision",
    "inputs",
    "labels",
    "trigger",
    "parent_id",
    "original_id",
    "scheduled_at",
    "kind",
    "trace_parent",
    "variables",
)
"""The fields that a restart's record replaces."""
_OF_RUNS: dict[type[Message], Callable[[LiveTaskRun, Any], None]] = {
    TaskRunOpened: history.open_run,
    TaskRunSubmitted: history.submit_run,
    TaskRunStarted: history.start_run,
    TaskRunRetrying: history.retry_run,
    TaskRunPaused: history.pause_run,
    TaskRunResumed: history.resume_run,
    TaskRunSuspended: history.suspend_run,
    TaskRunRepeated: history.repeat_run,
    TaskRunEnded: history.end_run,
}


def begin(event: ExecutionCreated) -> Live:
    return Live(
        id=event.execution_id,
        namespace=event.namespace,
        flow_id=event.flow_id,
        revision=event.revision,
        seq=event.seq,
        histories=[History(State.CREATED, event.at)],
        inputs=event.inputs,
        labels=event.labels,
        trigger=event.trigger,
        parent_id=event.parent_id,
        original_id=event.original_id,
        scheduled_at=event.scheduled_at,
        kind=event.kind,
        attempt_number=event.attempt_number,
        trace_parent=event.trace_parent,
        variables=event.variables,
    )


def of_row(row: ExecutionRow) -> Live:
    return Live(
        id=row.id,
        namespace=row.namespace,
        flow_id=row.flow_id,
        revision=row.revision,
        seq=row.seq,
        histories=list(row.histories),
        inputs=row.inputs,
        outputs=row.outputs,
        labels=row.labels,
        trigger=row.trigger,
        parent_id=row.parent_id,
        original_id=row.original_id,
        scheduled_at=row.scheduled_at,
        kind=row.kind,
        attempt_number=row.attempt_number,
        trace_parent=row.trace_parent,
        variables=row.variables,
        reason=row.reason,
        task_runs={run.id: _of_run(run) for run in row.task_runs},
    )


def _created(event: TaskRunCreated) -> LiveTaskRun:
    run = LiveTaskRun(
        event.task_run_id,
        event.task_id,
        [],
        event.parent_task_run_id,
        event.value,
        event.iteration,
        outputs=event.outputs,
    )
    history.begin_run(run, event)
    return run


def _of_run(source: TaskRunRow | TaskRunRecord) -> LiveTaskRun:
    return LiveTaskRun(
        source.id,
        source.task_id,
        list(source.histories),
        source.parent_id,
        source.value,
        source.iteration,
        list(source.attempts),
        source.outputs,
        source.outputs_uri,
    )
