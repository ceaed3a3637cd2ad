"""``core.debug.Echo``: the old form of Log."""

from __future__ import annotations

from contracts.language.types.property import Properties, dynamic
from contracts.language.types.pure import Line, PureTask, Result
from contracts.telemetry import Level


class Echo(Properties):
    """Renders ``format`` and logs it. It is here for old flows; use core.log.Log in new ones."""

    format: str | None = dynamic(None)
    level: Level = dynamic("INFO")


def decide(task: Echo) -> Result:
    return Result(lines=[Line(task.level, task.format or "")])


ECHO = PureTask(
    name="io.kestra.plugin.core.debug.Echo",
    title="Log a message (old form)",
    properties=Echo,
    decide=decide,
    aliases=("io.kestra.core.tasks.debugs.Echo",),
)
