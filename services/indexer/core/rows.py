"""Rows of the projection, as the fold sees them and as column values. Pure.

Parts that the fold does not read are JSON text here. They are encoded once, and not again after a row is read back.
After a batch its rows never change in place: the fold copies the rows that it touches.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, TypeAlias, TypeVar

import msgspec

from contracts.execution import AttemptRecord, History
from contracts.scalars import Millis

Values: TypeAlias = tuple[Any, ...]
RunKey: TypeAlias = tuple[str, str]
"""Execution id and task run id."""
TriggerKey: TypeAlias = tuple[str, str, str]
FlowKey: TypeAlias = tuple[str, str]
WorkerKey: TypeAlias = tuple[str, str]
"""Group and id."""

_encode = msgspec.json.Encoder(decimal_format="number").encode
_histories = msgspec.json.Decoder(list[History]).decode
_attempts = msgspec.json.Decoder(list[AttemptRecord]).decode


def json_text(value: object) -> str:
    return _encode(value).decode()


def clean(text: str) -> str:
    """Replace the character NUL, which PostgreSQL's text cannot hold."""
    return text.replace("\x00", "\ufffd") if "\x00" in text else text


def clean_or_none(text: str | None) -> str | None:
    return None if text is None else clean(text)


_FIRST, _LAST = -62_135_596_800_000, 253_402_300_799_999


def instant(at: Millis) -> datetime:
    """Convert a time. One outside of the years 1 to 9999 comes from a wrong clock, and becomes the nearest inside."""
    return datetime.fromtimestamp(min(max(at, _FIRST), _LAST) / 1000, UTC)


def instant_or_none(at: Millis | None) -> datetime | None:
    return None if at is None else instant(at)


def millis(at: datetime) -> Millis:
    return round(at.timestamp() * 1000)


def labels_text(labels: dict[str, str]) -> str:
    """Return a list, because jsonb does not keep the order of an object."""
    return json_text([{"key": clean(key), "value": clean(value)} for key, value in labels.items()])


@dataclass(slots=True)
class ExecutionRow:
    id: str
    created_at: Millis
    seq: int
    namespace: str
    flow_id: str
    revision: int
    ended_at: Millis | None = None
    histories: list[History] = field(default_factory=list)
    labels: str = "[]"
    inputs: str = "{}"
    outputs: str = "{}"
    trigger: str | None = None
    trigger_id: str | None = None
    trigger_execution_id: str | None = None
    parent_id: str | None = None
    original_id: str | None = None
    scheduled_at: Millis | None = None
    kind: str = "NORMAL"
    attempt_number: int = 1
    reason: str = ""
    trigger_key: str | None = None
    limit_key: str | None = None
    trace_parent: str | None = None
    variables: str | None = None
    parent: str | None = None

    def values(self) -> Values:
        return (
            self.id,
            instant(self.created_at),
            self.seq,
            self.namespace,
            self.flow_id,
            self.revision,
            self.histories[-1].state.value,
            instant_or_none(self.ended_at),
            json_text(self.histories),
            self.labels,
            self.inputs,
            self.outputs,
            self.trigger,
            self.trigger_id,
            self.trigger_execution_id,
            self.parent_id,
            self.original_id,
            instant_or_none(self.scheduled_at),
            self.kind,
            self.attempt_number,
            self.reason,
            self.trigger_key,
            self.limit_key,
            self.trace_parent,
            self.variables,
            self.parent,
        )


EXECUTION_COLUMNS = ["id", "created_at", "seq", "namespace", "flow_id", "revision", "state", "ended_at", "histories", "labels", "inputs", "outputs", "trigger", "trigger_id", "trigger_execution_id", "parent_id", "original_id", "scheduled_at", "kind", "attempt_number", "reason", "trigger_key", "limit_key", "trace_parent", "variables", "parent"]  # fmt: skip


def execution_row(values: Values) -> ExecutionRow:
    """Build a row from columns in the order of :data:`EXECUTION_COLUMNS`."""
    row = ExecutionRow(values[0], millis(values[1]), *values[2:6])
    row.ended_at = None if values[7] is None else millis(values[7])
    row.histories = _histories(values[8])
    (row.labels, row.inputs, row.outputs, row.trigger, row.trigger_id, row.trigger_execution_id) = values[
        9:15
    ]
    row.parent_id, row.original_id = values[15:17]
    row.scheduled_at = None if values[17] is None else millis(values[17])
    row.kind, row.attempt_number, row.reason, row.trigger_key, row.limit_key, row.trace_parent = values[18:24]
    row.variables, row.parent = values[24:26]
    return row


@dataclass(slots=True)
class TaskRunRow:
    execution_id: str
    id: str
    execution_created_at: Millis
    seq: int
    position: int
    task_id: str
    parent_id: str | None = None
    value: str | None = None
    iteration: int | None = None
    histories: list[History] = field(default_factory=list)
    attempts: list[AttemptRecord] = field(default_factory=list)
    outputs: str = "{}"
    outputs_uri: str | None = None
    message: str = ""

    def values(self) -> Values:
        return (
            self.execution_id,
            self.id,
            instant(self.execution_created_at),
            self.seq,
            self.position,
            self.task_id,
            self.parent_id,
            self.value,
            self.iteration,
            self.histories[-1].state.value,
            json_text(self.histories),
            json_text(self.attempts),
            self.outputs,
            self.outputs_uri,
            self.message,
        )


TASK_RUN_COLUMNS = ["execution_id", "id", "execution_created_at", "seq", "position", "task_id", "parent_id", "value", "iteration", "state", "histories", "attempts", "outputs", "outputs_uri", "message"]  # fmt: skip


def task_run_row(values: Values) -> TaskRunRow:
    """Build a row from columns in the order of :data:`TASK_RUN_COLUMNS`."""
    row = TaskRunRow(values[0], values[1], millis(values[2]), *values[3:9])
    row.histories = _histories(values[10])
    row.attempts = _attempts(values[11])
    row.outputs, row.outputs_uri, row.message = values[12:15]
    return row


@dataclass(slots=True)
class TriggerRow:
    namespace: str
    flow_id: str
    trigger_id: str
    position: int
    type: str
    revision: int
    definition: str
    disabled: bool
    next_at: Millis | None
    last_at: Millis | None
    evaluated_at: Millis | None
    updated_at: Millis
    execution_id: str | None
    evaluating_at: Millis | None = None
    """When the poll began that is out."""
    problem: str = ""
    """Why its last poll failed, or why it never starts anything."""
    worker_id: str | None = None
    """The one that polled last."""
    backfill: str | None = None
    """JSON: start, end and current date, paused, inputs, labels."""

    def values(self) -> Values:
        return (
            self.namespace,
            self.flow_id,
            self.trigger_id,
            self.position,
            self.type,
            self.revision,
            self.definition,
            self.disabled,
            instant_or_none(self.next_at),
            instant_or_none(self.last_at),
            instant_or_none(self.evaluated_at),
            instant(self.updated_at),
            self.execution_id,
            instant_or_none(self.evaluating_at),
            self.problem,
            self.worker_id,
            self.backfill,
        )


TRIGGER_COLUMNS = ["namespace", "flow_id", "trigger_id", "position", "type", "revision", "definition", "disabled", "next_at", "last_at", "evaluated_at", "updated_at", "execution_id", "evaluating_at", "problem", "worker_id", "backfill"]  # fmt: skip


def trigger_row(values: Values) -> TriggerRow:
    """Build a row from columns in the order of :data:`TRIGGER_COLUMNS`."""
    row = TriggerRow(*values)
    row.next_at, row.last_at, row.evaluated_at = (at and millis(at) for at in values[8:11])
    row.updated_at = millis(values[11])
    row.evaluating_at = values[13] and millis(values[13])
    return row


@dataclass(slots=True)
class WorkerRow:
    id: str
    position: int
    worker_group: str
    inbox: int = -1
    slots: int = 0
    labels: str = "{}"
    state: str = "RUNNING"
    running: int = 0
    announced_at: Millis | None = None
    heartbeat_at: Millis = 0

    def values(self) -> Values:
        return (
            self.id,
            self.position,
            self.worker_group,
            self.inbox,
            self.slots,
            self.labels,
            self.state,
            self.running,
            instant_or_none(self.announced_at),
            instant(self.heartbeat_at),
        )


WORKER_COLUMNS = ["id", "position", "worker_group", "inbox", "slots", "labels", "state", "running", "announced_at", "heartbeat_at"]  # fmt: skip


def worker_row(values: Values) -> WorkerRow:
    """Build a row from columns in the order of :data:`WORKER_COLUMNS`."""
    row = WorkerRow(*values)
    row.announced_at, row.heartbeat_at = values[8] and millis(values[8]), millis(values[9])
    return row


R = TypeVar("R", ExecutionRow, TaskRunRow)


def shallow(row: R) -> R:
    copy = object.__new__(type(row))
    for name in row.__slots__:
        setattr(copy, name, getattr(row, name))
    return copy


FLOW_COLUMNS = ["namespace", "id", "revision", "position", "source", "labels", "disabled", "description", "deleted", "created_at", "updated_at"]  # fmt: skip
LOG_COLUMNS = ["execution_id", "task_run_id", "trigger_id", "attempt", "number", "at", "level", "namespace", "flow_id", "task_id", "message"]  # fmt: skip
METRIC_COLUMNS = ["execution_id", "task_run_id", "attempt", "number", "at", "namespace", "flow_id", "task_id", "kind", "name", "value", "tags"]  # fmt: skip
