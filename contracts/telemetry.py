"""Log lines and metrics of running attempts, many in one record. Deletions stand in the same partition, behind what they delete."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from contracts.message import Message
from contracts.scalars import Millis

Level: TypeAlias = Literal["TRACE", "DEBUG", "INFO", "WARN", "ERROR"]
LEVELS: tuple[Level, ...] = ("TRACE", "DEBUG", "INFO", "WARN", "ERROR")


class LogLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    level: Level
    at: Millis
    message: str


class AttemptLogs(Message, frozen=True, kw_only=True, tag="attempt.logs.v1"):
    """Lines of one attempt, in order. ``first`` is the number of the first line, so readers recognise repeated lines."""

    execution_id: str
    namespace: str
    flow_id: str
    first: int
    lines: list[LogLine]
    task_id: str | None = None
    task_run_id: str | None = None
    attempt: int = 0
    """0: the line is from the executor, not from a worker."""
    trigger_id: str | None = None


class LogsDeleted(Message, frozen=True, kw_only=True, tag="attempt.logs_deleted.v1"):
    """Forget the lines of an execution that stand before this record in its partition. What is None selects all of them."""

    execution_id: str
    task_id: str | None = None
    task_run_id: str | None = None
    attempt: int | None = None
    trigger_id: str | None = None
    levels: list[Level] | None = None
    namespace: str | None = None
    flow_id: str | None = None
    after: Millis | None = None
    """Only lines from this instant on."""
    before: Millis | None = None
    """Only lines up to this instant."""


class MetricPoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    kind: Literal["counter", "timer", "gauge"]
    name: str
    value: float
    """Timers are in seconds."""
    at: Millis
    tags: dict[str, str] = {}


class AttemptMetrics(Message, frozen=True, kw_only=True, tag="attempt.metrics.v1"):
    execution_id: str
    namespace: str
    flow_id: str
    task_id: str
    task_run_id: str
    attempt: int
    first: int
    points: list[MetricPoint]


class MetricsDeleted(Message, frozen=True, kw_only=True, tag="attempt.metrics_deleted.v1"):
    """Forget the metrics of an execution that stand before this record in its partition."""

    execution_id: str


LogMessage: TypeAlias = AttemptLogs | LogsDeleted
MetricMessage: TypeAlias = AttemptMetrics | MetricsDeleted
