"""Log lines and metric points as rows. Both are immutable, and a repeated line has the same key. A deletion takes the rows that
stand before it. Pure."""

from __future__ import annotations

from contracts.telemetry import LEVELS, AttemptLogs, AttemptMetrics, LogsDeleted, MetricsDeleted
from services.indexer.core.change import Changes
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


def delete_logs(changes: Changes, deletion: LogsDeleted) -> None:
    """Later lines of the same batch stay, because rows are removed before others are written."""
    changes.removed_logs.append(deletion)
    lines = changes.logs.get(deletion.execution_id)
    if lines:
        changes.logs[deletion.execution_id] = [row for row in lines if not _is_deleted(row, deletion)]


def delete_metrics(changes: Changes, deletion: MetricsDeleted) -> None:
    changes.removed_metrics.add(deletion.execution_id)
    changes.metrics.pop(deletion.execution_id, None)


def level_numbers(deletion: LogsDeleted) -> list[int] | None:
    """Return the levels as their column has them. None: all."""
    return None if deletion.levels is None else [_LEVELS[level] for level in deletion.levels]


def _is_deleted(row: Values, deletion: LogsDeleted) -> bool:
    _, run_id, trigger_id, attempt, _, at, level, namespace, flow_id, task_id, _ = row
    levels = level_numbers(deletion)
    asked: list[tuple[object, object]] = [
        (deletion.task_run_id, run_id),
        (deletion.trigger_id, trigger_id),
        (deletion.attempt, attempt),
        (deletion.task_id, task_id),
        (deletion.namespace, namespace),
        (deletion.flow_id, flow_id),
    ]
    return (
        all(wanted is None or wanted == present for wanted, present in asked)
        and (levels is None or level in levels)
        and (deletion.after is None or at >= instant(deletion.after))
        and (deletion.before is None or at <= instant(deletion.before))
    )
