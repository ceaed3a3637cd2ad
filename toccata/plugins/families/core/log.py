"""``core.log.Log``: text to the task's log."""

from __future__ import annotations

from pydantic import StrictStr

from toccata.plugin import Level, Properties, RunContext, TaskType, dynamic


class Log(Properties):
    """Renders one message, or each of a list, and logs it."""

    message: StrictStr | list[StrictStr] = dynamic(doc="one text, or several: a line of the log each")
    level: Level = dynamic("INFO", doc="level of the lines")


async def run(task: Log, run: RunContext) -> None:
    for message in [task.message] if isinstance(task.message, str) else task.message:
        run.log(task.level, message)


LOG = TaskType(
    name="io.kestra.plugin.core.log.Log",
    title="Log a message",
    properties=Log,
    run=run,
    aliases=("io.kestra.core.tasks.log.Log",),
    examples=("id: hello\ntype: io.kestra.plugin.core.log.Log\nmessage: Hello, {{ inputs.name }}!",),
)
