"""What is known before a batch, what it needs to know, and what it changes: values between fold and database."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.message import Message
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
    """None: the record is a tombstone."""
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
    """Rows as they are; those that are not there do not exist."""

    executions: dict[str, ExecutionRow] = field(default_factory=dict)
    task_runs: dict[RunKey, TaskRunRow] = field(default_factory=dict)
    triggers: dict[TriggerKey, TriggerRow] = field(default_factory=dict)
    workers: dict[WorkerKey, WorkerRow] = field(default_factory=dict)


@dataclass(slots=True)
class Changes:
    """Whole rows to put in place of what is there, and rows to remove first."""

    executions: dict[str, ExecutionRow] = field(default_factory=dict)
    task_runs: dict[RunKey, TaskRunRow] = field(default_factory=dict)
    removed_task_runs: set[RunKey] = field(default_factory=set)
    logs: list[Values] = field(default_factory=list)
    metrics: list[Values] = field(default_factory=list)
    flow_revisions: dict[tuple[str, str, int], Values] = field(default_factory=dict)
    flows: dict[FlowKey, Values] = field(default_factory=dict)
    removed_revisions: set[tuple[str, str, int]] = field(default_factory=set)
    triggers: dict[TriggerKey, TriggerRow] = field(default_factory=dict)
    removed_triggers: set[TriggerKey] = field(default_factory=set)
    workers: dict[WorkerKey, WorkerRow] = field(default_factory=dict)
    orphans: list[Seen] = field(default_factory=list)
    """Events whose beginning is gone: retention removed it before it was read."""
