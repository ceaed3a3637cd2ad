"""Turns a batch of messages into row changes. All events of one execution become one row before any SQL. Pure.

:func:`project` needs the rows that :func:`wanted` and :func:`wanted_task_runs` ask for. The rows do not depend on how the topics
are split into batches, nor on duplicates.
"""

from __future__ import annotations

from collections.abc import Iterable

from contracts.execution import ExecutionEvent, TaskRunCreated
from contracts.registry import FlowState
from contracts.telemetry import AttemptLogs, AttemptMetrics, LogsDeleted, MetricsDeleted
from contracts.trigger import TriggerEvent
from contracts.work import WorkerAnnounced, WorkerDraining, WorkerReported
from services.indexer.core.attempt import delete_logs, delete_metrics, log_rows, metric_rows
from services.indexer.core.change import Changes, Known, Seen, Wanted
from services.indexer.core.execution import fold_execution, task_runs_touched
from services.indexer.core.flow import fold_flow, fold_tombstone
from services.indexer.core.rows import RunKey
from services.indexer.core.trigger import fold_trigger
from services.indexer.core.worker import fold_worker, is_heartbeat


def wanted(batch: Iterable[Seen]) -> Wanted:
    """Return the keys of the rows that this batch needs, except task runs."""
    keys = Wanted()
    for seen in batch:
        message = seen.message
        if isinstance(message, ExecutionEvent):
            keys.executions.add(message.execution_id)
        elif isinstance(message, TriggerEvent):
            keys.triggers.add((message.namespace, message.flow_id, message.trigger_id))
        elif isinstance(message, WorkerAnnounced | WorkerReported | WorkerDraining) and is_heartbeat(message):
            keys.workers.add((message.group, message.worker_id))
    return keys


def wanted_task_runs(known: Known, batch: Iterable[Seen]) -> Wanted:
    """Return the task runs that the batch changes but does not create. The executions are known by now.

    Only a new creation counts. Events after a repeated creation build upon the existing row."""
    keys = Wanted()
    created: set[RunKey] = set()
    for seen in batch:
        event = seen.message
        if not isinstance(event, ExecutionEvent):
            continue
        before = known.executions.get(event.execution_id)
        if before is not None and event.seq <= before.seq:
            continue
        if isinstance(event, TaskRunCreated):
            created.add((event.execution_id, event.task_run_id))
        else:
            touched = {(event.execution_id, run_id) for run_id in task_runs_touched(event)}
            keys.task_runs |= (
                touched - created
            )  # touched before its creation here, so a restart removed an older one
    return keys


def project(known: Known, batch: Iterable[Seen]) -> Changes:
    """Return the changes of a batch. ``known`` is not changed: its rows are copied before they change."""
    changes = Changes()
    for seen in batch:
        message = seen.message
        if isinstance(message, ExecutionEvent):
            if not fold_execution(known, changes, message):
                changes.orphans.append(seen)
        elif isinstance(message, AttemptLogs):
            changes.logs.setdefault(message.execution_id, []).extend(log_rows(message))
        elif isinstance(message, LogsDeleted):
            delete_logs(changes, message)
        elif isinstance(message, AttemptMetrics):
            changes.metrics.setdefault(message.execution_id, []).extend(metric_rows(message))
        elif isinstance(message, MetricsDeleted):
            delete_metrics(changes, message)
        elif isinstance(message, WorkerAnnounced | WorkerReported | WorkerDraining):
            if is_heartbeat(message):
                fold_worker(known, changes, message, seen.offset)
        elif isinstance(message, FlowState):
            fold_flow(changes, message, seen.offset)
        elif isinstance(message, TriggerEvent):
            fold_trigger(known, changes, message, seen.offset)
        elif message is None:
            fold_tombstone(changes, seen.key)
    return changes
