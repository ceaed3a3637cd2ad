"""``core.execution.Labels``: add labels to the execution."""

from __future__ import annotations

from typing import Any

from contracts.language.types.behaviour import RenderingFailed
from contracts.language.types.label import labels_of
from contracts.language.types.property import Properties, dynamic
from contracts.language.types.pure import PureTask, Result, Update


class Labels(Properties):
    """Adds labels to the execution. A label that is there gets the new value."""

    labels: dict[str, Any] | list[dict[str, Any]] = dynamic(doc="a map, or a list of `key` and `value`")


def decide(task: Labels) -> Result:
    try:
        return Result(update=Update(labels=labels_of(task.labels)))
    except RenderingFailed as failure:
        return Result(failure=str(failure))


LABELS = PureTask(
    name="io.kestra.plugin.core.execution.Labels",
    title="Add labels to the execution",
    properties=Labels,
    decide=decide,
    aliases=("io.kestra.core.tasks.executions.Labels",),
    updates=True,
    examples=(
        'id: mark\ntype: io.kestra.plugin.core.execution.Labels\nlabels:\n  day: "{{ trigger.date ?? now() }}"',
    ),
)
