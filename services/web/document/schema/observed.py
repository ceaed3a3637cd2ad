"""Log lines, metrics of tasks and namespaces."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from contracts.telemetry import Level
from services.web.document.schema.base import Instant, OpenShape, Shape


class LogEntry(Shape):
    tenant_id: str
    namespace: str
    flow_id: str
    task_id: str | None = None
    execution_id: str
    task_run_id: str | None = None
    attempt_number: int | None = Field(None, description="from 0; absent for lines of the executor")
    trigger_id: str | None = None
    timestamp: Instant
    level: Level
    thread: str
    message: str
    deleted: bool
    execution_kind: str


class LogPage(Shape):
    results: list[LogEntry]
    total: int
    type: Literal["OFFSET"]


class MetricEntry(Shape):
    namespace: str
    flow_id: str
    task_id: str
    execution_id: str
    task_run_id: str
    type: Literal["counter", "timer", "gauge"]
    name: str
    value: float = Field(description="timers are in milliseconds")
    timestamp: Instant
    tags: dict[str, str]
    deleted: bool
    execution_kind: str


class MetricSpan(Shape):
    name: str
    value: float = Field(description="timers are in milliseconds")
    date: Instant = Field(description="beginning of the span")


class MetricSeries(Shape):
    group_by: Literal["minute", "hour", "day", "week", "month"] = Field(
        description="length of a span, which depends on the whole time"
    )
    aggregations: list[MetricSpan]


class Namespace(Shape):
    id: str
    deleted: bool


class NamespaceQuery(OpenShape):
    q: str = ""


class LimitUse(Shape):
    tenant_id: str
    namespace: str
    flow_id: str
    running: int = Field(description="executions that hold a slot")
