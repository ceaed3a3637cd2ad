"""Turns log lines and metrics into the JSON and the text that Kestra's clients read."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.scalars import Millis, to_iso
from services.web.core.rows import LogRow, MetricRow
from services.web.core.search.span import Span
from services.web.core.view.page import Json


def log_entry(row: LogRow) -> Json:
    entry: Json = {"tenantId": "main", "namespace": row.namespace, "flowId": row.flow_id}
    if row.task_id is not None:
        entry["taskId"] = row.task_id
    entry["executionId"] = row.execution_id
    if row.task_run_id is not None:
        entry["taskRunId"] = row.task_run_id
    if row.attempt:
        entry["attemptNumber"] = row.attempt - 1  # the API counts from 0
    if row.trigger_id is not None:
        entry["triggerId"] = row.trigger_id
    entry |= {
        "timestamp": to_iso(row.at),
        "level": row.level,
        "thread": "worker" if row.attempt else "executor",
        "message": row.message,
        "deleted": False,
        "executionKind": "NORMAL",
    }
    return entry


def log_text(row: LogRow) -> str:
    return f"{to_iso(row.at)} {row.level} {row.message}"


def metric_entry(row: MetricRow) -> Json:
    return {
        "namespace": row.namespace,
        "flowId": row.flow_id,
        "taskId": row.task_id,
        "executionId": row.execution_id,
        "taskRunId": row.task_run_id,
        "type": row.kind,
        "name": row.name,
        "value": row.value * 1000 if row.kind == "timer" else row.value,  # timers are milliseconds here
        "timestamp": to_iso(row.at),
        "tags": row.tags,
        "deleted": False,
        "executionKind": "NORMAL",
    }


def metric_series(name: str, span: Span, points: Iterable[tuple[Millis, float]]) -> Json:
    return {
        "groupBy": span.part,
        "aggregations": [{"name": name, "value": value, "date": to_iso(at)} for at, value in points],
    }
