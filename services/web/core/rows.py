"""The rows of the projection as values for web. ``view`` makes shapes of the API from them.

Instants are :data:`Millis`; JSON columns are decoded and keep the order of their keys.
"""

from __future__ import annotations

from dataclasses import dataclass

from contracts.execution import (
    AttemptRecord,
    ChildState,
    ExecutionRecord,
    History,
    ParentRef,
    TaskRunRecord,
    TriggerRef,
)
from contracts.scalars import JsonObject, Millis
from contracts.states import ENDED_WELL, State
from contracts.telemetry import Level


@dataclass(frozen=True, slots=True)
class TaskRunRow:
    execution_id: str
    id: str
    task_id: str
    state: State
    histories: list[History]
    attempts: list[AttemptRecord]
    outputs: JsonObject
    outputs_uri: str | None
    parent_id: str | None
    value: str | None
    iteration: int | None
    message: str
    """Why it did not succeed, for people. Empty if it did."""


@dataclass(frozen=True, slots=True)
class ExecutionRow:
    id: str
    namespace: str
    flow_id: str
    revision: int
    state: State
    seq: int
    """Number of the last event in this row."""
    created_at: Millis
    ended_at: Millis | None
    """None unless the state is terminal."""
    histories: list[History]
    labels: dict[str, str]
    inputs: JsonObject
    outputs: JsonObject
    trigger: TriggerRef | None
    parent_id: str | None
    original_id: str | None
    scheduled_at: Millis | None
    kind: str
    attempt_number: int
    reason: str
    """Why it ended as it did, for people. Often empty."""
    trigger_key: str | None
    limit_key: str | None
    trace_parent: str | None
    variables: JsonObject | None = None
    """None: those of the flow."""
    parent: ParentRef | None = None
    """The task run that started it, if another execution did."""
    task_runs: tuple[TaskRunRow, ...] = ()
    """In order of creation. Empty in search results."""
    children: tuple[ExecutionRow, ...] = ()
    """The ended executions that its task runs started, where they were asked for."""


@dataclass(frozen=True, slots=True)
class LogRow:
    execution_id: str
    namespace: str
    flow_id: str
    task_id: str | None
    task_run_id: str | None
    trigger_id: str | None
    attempt: int
    """From 1. 0 for lines of the executor or of a trigger."""
    number: int
    """Number of the line within its attempt, from 0."""
    at: Millis
    level: Level
    message: str


@dataclass(frozen=True, slots=True)
class MetricRow:
    execution_id: str
    namespace: str
    flow_id: str
    task_id: str
    task_run_id: str
    attempt: int
    kind: str
    """counter, timer (seconds) or gauge."""
    name: str
    value: float
    at: Millis
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class FlowRow:
    """One revision of a flow. ``source`` has everything that is not here."""

    namespace: str
    id: str
    revision: int
    source: str
    labels: dict[str, str]
    disabled: bool
    description: str
    deleted: bool
    created_at: Millis
    """When the first revision was saved."""
    updated_at: Millis
    """When this revision was saved."""


@dataclass(frozen=True, slots=True)
class BackfillRow:
    start: Millis
    end: Millis
    current: Millis | None
    """The next date of it."""
    paused: bool
    inputs: JsonObject
    labels: dict[str, str]


@dataclass(frozen=True, slots=True)
class TriggerRow:
    namespace: str
    flow_id: str
    trigger_id: str
    type: str
    revision: int
    definition: JsonObject
    disabled: bool
    next_at: Millis | None
    last_at: Millis | None
    """The scheduled time for which it last fired."""
    evaluated_at: Millis | None
    updated_at: Millis
    execution_id: str | None
    """The execution that locks it."""
    evaluating_at: Millis | None = None
    """When the poll began that is out."""
    problem: str = ""
    """Why its last poll failed, or why it never starts anything."""
    worker_id: str | None = None
    """The one that polled last."""
    backfill: BackfillRow | None = None


@dataclass(frozen=True, slots=True)
class WorkerRow:
    id: str
    group: str
    inbox: int
    slots: int
    labels: dict[str, str]
    state: str
    """RUNNING, DRAINING or GONE. A worker that falls silent keeps its state, so look at ``heartbeat_at``."""
    running: int
    announced_at: Millis | None
    heartbeat_at: Millis


@dataclass(frozen=True, slots=True)
class Counts:
    flows: int
    triggers: int
    executions: dict[State, int]


def child_of(row: ExecutionRow) -> ChildState:
    """An ended child as its parent's restart carries it. One that did not end well has its record."""
    assert row.parent is not None
    well = row.state in ENDED_WELL
    return ChildState(
        id=row.id,
        task_run_id=row.parent.task_run_id,
        index=row.parent.index,
        state=row.state,
        outputs=row.outputs,
        record=None if well else record_of(row),
    )


def record_of(row: ExecutionRow) -> ExecutionRecord:
    """The execution as a restart carries it. ``row`` must have its task runs."""
    return ExecutionRecord(
        id=row.id,
        namespace=row.namespace,
        flow_id=row.flow_id,
        revision=row.revision,
        seq=row.seq,
        histories=row.histories,
        inputs=row.inputs,
        labels=row.labels,
        trigger=row.trigger,
        parent_id=row.parent_id,
        original_id=row.original_id,
        scheduled_at=row.scheduled_at,
        kind=row.kind,
        attempt_number=row.attempt_number,
        trigger_key=row.trigger_key,
        limit_key=row.limit_key,
        trace_parent=row.trace_parent,
        variables=row.variables,
        parent=row.parent,
        outputs=row.outputs,
        task_runs=[
            TaskRunRecord(
                id=run.id,
                task_id=run.task_id,
                parent_id=run.parent_id,
                value=run.value,
                iteration=run.iteration,
                histories=run.histories,
                attempts=run.attempts,
                outputs=run.outputs,
                outputs_uri=run.outputs_uri,
            )
            for run in row.task_runs
        ],
    )
