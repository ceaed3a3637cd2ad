"""Values between fold and database: what a batch needs, what is known before it, and what it changes."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.message import Message
from contracts.telemetry import LogsDeleted
from services.indexer.core.rows import (
    ExecutionRow,
    FlowKey,
    RunKey,
    TaskRunRow,
    TriggerKey,
    TriggerRow,
    Values,
    WorkerKey,
    WorkerRow,
)


@dataclass(slots=True)
class Seen:
    """A message with the coordinates of its record."""

    topic: str
    partition: int
    offset: int
    message: Message | None
    """None if the record is a tombstone."""
    key: str = ""


@dataclass(slots=True)
class Wanted:
    """Keys of the rows that a batch builds upon."""

    executions: set[str] = field(default_factory=set)
    task_runs: set[RunKey] = field(default_factory=set)
    triggers: set[TriggerKey] = field(default_factory=set)
    workers: set[WorkerKey] = field(default_factory=set)


@dataclass(slots=True)
class Known:
    """Present rows. A row that is missing here does not exist."""

    executions: dict[str, ExecutionRow] = field(default_factory=dict)
    task_runs: dict[RunKey, TaskRunRow] = field(default_factory=dict)
    triggers: dict[TriggerKey, TriggerRow] = field(default_factory=dict)
    workers: dict[WorkerKey, WorkerRow] = field(default_factory=dict)


@dataclass(slots=True)
class Changes:
    """Whole rows that replace present ones, and rows to remove first."""

    executions: dict[str, ExecutionRow] = field(default_factory=dict)
    removed_executions: set[str] = field(default_factory=set)
    """With all their task runs."""
    task_runs: dict[RunKey, TaskRunRow] = field(default_factory=dict)
    removed_task_runs: set[RunKey] = field(default_factory=set)
    logs: dict[str, list[Values]] = field(default_factory=dict)
    """By execution."""
    removed_logs: list[LogsDeleted] = field(default_factory=list)
    metrics: dict[str, list[Values]] = field(default_factory=dict)
    removed_metrics: set[str] = field(default_factory=set)
    """Of these executions."""
    flow_revisions: dict[tuple[str, str, int], Values] = field(default_factory=dict)
    flows: dict[FlowKey, Values] = field(default_factory=dict)
    removed_revisions: set[tuple[str, str, int]] = field(default_factory=set)
    triggers: dict[TriggerKey, TriggerRow] = field(default_factory=dict)
    removed_triggers: set[TriggerKey] = field(default_factory=set)
    workers: dict[WorkerKey, WorkerRow] = field(default_factory=dict)
    orphans: list[Seen] = field(default_factory=list)
    """Events whose execution or task run is unknown, because retention removed its creation unread."""
