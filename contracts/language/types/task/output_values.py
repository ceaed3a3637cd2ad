"""``core.output.OutputValues``: return rendered values."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from contracts.language.types.property import Properties, dynamic
from contracts.language.types.pure import PureTask, Result


class OutputValues(Properties):
    """Renders all values of a map, at any depth, and returns it. Strings stay strings; other values keep their type."""

    values: dict[str, Any] | None = dynamic(None, doc="names and values")


class OutputValuesOutputs(BaseModel):
    values: dict[str, Any]


def decide(task: OutputValues) -> Result:
    return Result(outputs={"values": task.values or {}})


OUTPUT_VALUES = PureTask(
    name="io.kestra.plugin.core.output.OutputValues",
    title="Return named values",
    properties=OutputValues,
    decide=decide,
    outputs=OutputValuesOutputs,
    examples=(
        'id: facts\ntype: io.kestra.plugin.core.output.OutputValues\nvalues:\n  day: "{{ trigger.date }}"\n  limit: 10',
    ),
)
