"""``core.log.Log``: write text to the task's log."""

from __future__ import annotations

from pydantic import StrictStr

from toccata.plugin import Level, Properties, RunContext, TaskType, dynamic


class Log(Properties):
    """Renders one message or a list of messages and logs them."""

    message: StrictStr | list[StrictStr] = dynamic(
        doc="one text, or a list with one text for each line of the log"
    )
    level: Level = dynamic("INFO", doc="level of these lines")


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
