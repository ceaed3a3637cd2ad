"""``core.debug.Return`` returns a rendered text. ``core.debug.Echo`` is the old form of Log."""

from __future__ import annotations

from time import perf_counter

from pydantic import BaseModel

from toccata.plugin import Level, Outputs, Properties, RunContext, TaskType, dynamic


class Return(Properties):
    """Renders ``format``, logs it at DEBUG and returns it."""

    format: str | None = dynamic(None, doc="the text to return")


class ReturnOutputs(BaseModel):
    value: str | None = None
    """The rendered text. Absent if ``format`` is not set."""


class Echo(Properties):
    """Renders ``format`` and logs it. It is here for old flows; use core.log.Log in new ones."""

    format: str | None = dynamic(None)
    level: Level = dynamic("INFO")


async def run_return(task: Return, run: RunContext) -> Outputs:
    begun = perf_counter()
    if task.format is None:
        return {}
    run.log("DEBUG", task.format)
    run.metric("counter", "length", len(task.format), {"format": task.format[:100]})
    run.metric("timer", "duration", perf_counter() - begun, {"format": task.format[:100]})
    return {"value": task.format}


async def run_echo(task: Echo, run: RunContext) -> None:
    run.log(task.level, task.format or "")


RETURN = TaskType(
    name="io.kestra.plugin.core.debug.Return",
    title="Return a rendered text",
    properties=Return,
    run=run_return,
    aliases=("io.kestra.core.tasks.debugs.Return",),
    outputs=ReturnOutputs,
    examples=(
        "id: day\ntype: io.kestra.plugin.core.debug.Return\nformat: \"{{ now() | date('yyyy-MM-dd') }}\"",
    ),
)
ECHO = TaskType(
    name="io.kestra.plugin.core.debug.Echo",
    title="Log a message (old form)",
    properties=Echo,
    run=run_echo,
    aliases=("io.kestra.core.tasks.debugs.Echo",),
)
