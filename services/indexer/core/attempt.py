"""Log lines and metric points as rows. Both are immutable, and a repeated line has the same key. Pure."""

from __future__ import annotations

from contracts.telemetry import LEVELS, AttemptLogs, AttemptMetrics
from services.indexer.core.rows import Values, clean, instant, json_text

_LEVELS = {level: number for number, level in enumerate(LEVELS)}


def log_rows(logs: AttemptLogs) -> list[Values]:
    """Return values in the order of ``rows.LOG_COLUMNS``."""
    run_id, trigger_id = logs.task_run_id or "", logs.trigger_id or ""
    return [
        (
            logs.execution_id,
            run_id,
            trigger_id,
            logs.attempt,
            number,
            instant(line.at),
            _LEVELS[line.level],
            logs.namespace,
            logs.flow_id,
            logs.task_id,
            clean(line.message),
        )
        for number, line in enumerate(logs.lines, logs.first)
    ]


def metric_rows(metrics: AttemptMetrics) -> list[Values]:
    """Return values in the order of ``rows.METRIC_COLUMNS``."""
    return [
        (
            metrics.execution_id,
            metrics.task_run_id,
            metrics.attempt,
            number,
            instant(point.at),
            metrics.namespace,
            metrics.flow_id,
            metrics.task_id,
            point.kind,
            clean(point.name),
            point.value,
            json_text(point.tags),
        )
        for number, point in enumerate(metrics.points, metrics.first)
    ]
