"""``core.output.OutputValues``: return rendered values."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from toccata.plugin import Outputs, Properties, RunContext, TaskType, dynamic


class OutputValues(Properties):
    """Renders all values of a map, at any depth, and returns it. Strings stay strings; other values keep their type."""

    values: dict[str, Any] | None = dynamic(None, doc="names and values")


class OutputValuesOutputs(BaseModel):
    values: dict[str, Any]


async def run(task: OutputValues, run: RunContext) -> Outputs:  # noqa: ARG001 - the values were rendered already
    return {"values": task.values or {}}


OUTPUT_VALUES = TaskType(
    name="io.kestra.plugin.core.output.OutputValues",
    title="Return named values",
    properties=OutputValues,
    run=run,
    outputs=OutputValuesOutputs,
    examples=(
        'id: facts\ntype: io.kestra.plugin.core.output.OutputValues\nvalues:\n  day: "{{ trigger.date }}"\n  limit: 10',
    ),
)
