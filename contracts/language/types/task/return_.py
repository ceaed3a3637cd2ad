"""``core.debug.Return``: return a rendered text."""

from __future__ import annotations

from pydantic import BaseModel

from contracts.language.types.property import Properties, dynamic
from contracts.language.types.pure import Line, Metric, PureTask, Result


class Return(Properties):
    """Renders ``format``, logs it at DEBUG and returns it."""

    format: str | None = dynamic(None, doc="the text to return")


class ReturnOutputs(BaseModel):
    value: str | None = None
    """The rendered text. Absent if ``format`` is not set."""


def decide(task: Return) -> Result:
    text = task.format
    if text is None:
        return Result()
    tags = {"format": text[:100]}
    return Result(
        outputs={"value": text},
        lines=[Line("DEBUG", text)],
        metrics=[Metric("counter", "length", len(text), tags), Metric("timer", "duration", 0.0, tags)],
    )


RETURN = PureTask(
    name="io.kestra.plugin.core.debug.Return",
    title="Return a rendered text",
    properties=Return,
    decide=decide,
    aliases=("io.kestra.core.tasks.debugs.Return",),
    outputs=ReturnOutputs,
    examples=(
        "id: day\ntype: io.kestra.plugin.core.debug.Return\nformat: \"{{ now() | date('yyyy-MM-dd') }}\"",
    ),
)
