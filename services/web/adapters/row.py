"""Turns database records into values of ``core.rows``."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import asyncpg
import msgspec

from contracts.execution import AttemptRecord, History, ParentRef, TriggerRef
from contracts.json_text import loads
from contracts.scalars import Millis, to_millis
from contracts.states import State
from contracts.telemetry import LEVELS
from services.web.core.rows import (
    BackfillRow,
    ExecutionRow,
    FlowRow,
    LogRow,
    MetricRow,
    TaskRunRow,
    TriggerRow,
    WorkerRow,
)

EXECUTION = (
    "id, namespace, flow_id, revision, state, seq, created_at, ended_at, histories, labels, inputs, outputs, trigger, "
    "parent_id, original_id, scheduled_at, kind, attempt_number, reason, trigger_key, limit_key, trace_parent, variables, parent"
)
TASK_RUN = "execution_id, id, task_id, state, histories, attempts, outputs, outputs_uri, parent_id, value, iteration, message"
LOG = (
    "execution_id, namespace, flow_id, task_id, task_run_id, trigger_id, attempt, number, at, level, message"
)
METRIC = "execution_id, namespace, flow_id, task_id, task_run_id, attempt, kind, name, value, at, tags"
FLOW = "namespace, id, revision, source, labels, disabled, description, deleted, created_at, updated_at"
TRIGGER = (
    "namespace, flow_id, trigger_id, type, revision, definition, disabled, next_at, last_at, evaluated_at, "
    "updated_at, execution_id, evaluating_at, problem, worker_id, backfill"
)
WORKER = "id, worker_group, inbox, slots, labels, state, running, announced_at, heartbeat_at"

_histories = msgspec.json.Decoder(list[History]).decode
_attempts = msgspec.json.Decoder(list[AttemptRecord]).decode
_parent = msgspec.json.Decoder(ParentRef).decode
_trigger = msgspec.json.Decoder(TriggerRef).decode


def execution(record: asyncpg.Record, task_runs: tuple[TaskRunRow, ...] = ()) -> ExecutionRow:
    """Reads the columns :data:`EXECUTION`."""
    (id_, namespace, flow_id, revision, state, seq, created_at, ended_at, *rest) = record
    histories, labels, inputs, outputs, trigger, parent_id, original_id, scheduled_at, *tail = rest
    kind, attempt_number, reason, trigger_key, limit_key, trace_parent, variables, parent = tail
    return ExecutionRow(
        id_,
        namespace,
        flow_id,
        revision,
        State(state),
        seq,
        to_millis(created_at),
        _millis(ended_at),
        _histories(histories),
        _labels(labels),
        loads(inputs),
        loads(outputs),
        None if trigger is None else _trigger(trigger),
        parent_id,
        original_id,
        _millis(scheduled_at),
        kind,
        attempt_number,
        reason,
        trigger_key,
        limit_key,
        trace_parent,
        None if variables is None else loads(variables),
        None if parent is None else _parent(parent),
        task_runs,
    )


def task_run(record: asyncpg.Record) -> TaskRunRow:
    """Reads the columns :data:`TASK_RUN`."""
    execution_id, id_, task_id, state, histories, attempts, outputs, *rest = record
    return TaskRunRow(
        execution_id,
        id_,
        task_id,
        State(state),
        _histories(histories),
        _attempts(attempts),
        loads(outputs),
        *rest,
    )


def log(record: asyncpg.Record) -> LogRow:
    """Reads the columns :data:`LOG`."""
    execution_id, namespace, flow_id, task_id, run_id, trigger_id, attempt, number, at, level, message = (
        record
    )
    return LogRow(
        execution_id,
        namespace,
        flow_id,
        task_id,
        run_id or None,
        trigger_id or None,
        attempt,
        number,
        to_millis(at),
        LEVELS[level],
        message,
    )


def metric(record: asyncpg.Record) -> MetricRow:
    """Reads the columns :data:`METRIC`."""
    execution_id, namespace, flow_id, task_id, run_id, attempt, kind, name, value, at, tags = record
    return MetricRow(
        execution_id,
        namespace,
        flow_id,
        task_id,
        run_id,
        attempt,
        kind,
        name,
        value,
        to_millis(at),
        loads(tags),
    )


def flow(record: asyncpg.Record) -> FlowRow:
    """Reads the columns :data:`FLOW`."""
    namespace, id_, revision, source, labels, disabled, description, deleted, created_at, updated_at = record
    return FlowRow(
        namespace,
        id_,
        revision,
        source,
        _labels(labels),
        disabled,
        description,
        deleted,
        to_millis(created_at),
        to_millis(updated_at),
    )


def trigger(record: asyncpg.Record) -> TriggerRow:
    """Reads the columns :data:`TRIGGER`."""
    (
        namespace,
        flow_id,
        trigger_id,
        kind,
        revision,
        definition,
        disabled,
        *dates,
        updated_at,
        execution_id,
        evaluating_at,
        problem,
        worker_id,
        backfill,
    ) = record
    next_at, last_at, evaluated_at = (_millis(at) for at in dates)
    return TriggerRow(
        namespace,
        flow_id,
        trigger_id,
        kind,
        revision,
        loads(definition),
        disabled,
        next_at,
        last_at,
        evaluated_at,
        to_millis(updated_at),
        execution_id,
        _millis(evaluating_at),
        problem,
        worker_id,
        None if backfill is None else BackfillRow(**loads(backfill)),
    )


def worker(record: asyncpg.Record) -> WorkerRow:
    """Reads the columns :data:`WORKER`."""
    id_, group, inbox, slots, labels, state, running, announced_at, heartbeat_at = record
    return WorkerRow(
        id_,
        group,
        inbox,
        slots,
        loads(labels),
        state,
        running,
        _millis(announced_at),
        to_millis(heartbeat_at),
    )


def _labels(value: str) -> dict[str, str]:
    pairs: list[dict[str, Any]] = loads(value)
    return {pair["key"]: pair["value"] for pair in pairs}


def _millis(at: datetime | None) -> Millis | None:
    return None if at is None else to_millis(at)
