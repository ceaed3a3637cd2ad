"""``core.metric.*``: figures of a flow's own."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, Field

from toccata.plugin import Outputs, Properties, RunContext, TaskType, dynamic, parse_duration, static


def _short(value: object) -> object:
    """``io.kestra.plugin.core.metric.CounterMetric`` and ``COUNTER`` mean ``counter``."""
    return value.rpartition(".")[2].removesuffix("Metric").lower() if isinstance(value, str) else value


def _seconds(value: object) -> object:
    """A duration, or a number of seconds."""
    if isinstance(value, str) and value.strip().upper().startswith(("P", "-P")):
        return parse_duration(value.strip()).total_seconds()
    return value.total_seconds() if isinstance(value, timedelta) else value


class Figure(Properties):
    """One figure."""

    type: Annotated[Literal["counter", "timer", "gauge"], BeforeValidator(_short)] = static(
        doc="a counter adds up, a timer is a duration, a gauge is a level"
    )
    name: str = static(doc="its name", min_length=1, max_length=200)
    value: Annotated[float, BeforeValidator(_seconds), Field(allow_inf_nan=False)] = static(
        doc="a number; for a timer a duration such as PT1.5S, or seconds"
    )
    tags: dict[str, str] = static({}, doc="what it is about")
    description: str | None = static(None, doc="what it means")


class Publish(Properties):
    """Attaches figures to the task run, where metrics are shown."""

    metrics: list[Figure] = dynamic(doc="the figures")


class PublishOutputs(BaseModel):
    metrics: list[dict[str, Any]]
    """The figures, with their values as numbers."""


async def run(task: Publish, run: RunContext) -> Outputs:
    for each in task.metrics:
        run.metric(each.type, each.name, each.value, each.tags)
    return {"metrics": [each.model_dump(exclude_none=True) for each in task.metrics]}


PUBLISH = TaskType(
    name="io.kestra.plugin.core.metric.Publish",
    title="Publish metrics",
    properties=Publish,
    run=run,
    outputs=PublishOutputs,
    examples=(
        """\
id: figures
type: io.kestra.plugin.core.metric.Publish
metrics:
  - type: counter
    name: rows
    value: "{{ outputs.load.size }}"
    tags:
      table: orders
  - type: timer
    name: load
    value: PT1.5S
""",
    ),
)
