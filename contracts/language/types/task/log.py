"""``core.log.Log``: write text to the task's log."""

from __future__ import annotations

from pydantic import StrictStr

from contracts.language.types.property import Properties, dynamic
from contracts.language.types.pure import Line, PureTask, Result
from contracts.telemetry import Level


class Log(Properties):
    """Renders one message or a list of messages and logs them."""

    message: StrictStr | list[StrictStr] = dynamic(
        doc="one text, or a list with one text for each line of the log"
    )
    level: Level = dynamic("INFO", doc="level of these lines")


def decide(task: Log) -> Result:
    messages = [task.message] if isinstance(task.message, str) else task.message
    return Result(lines=[Line(task.level, message) for message in messages])


LOG = PureTask(
    name="io.kestra.plugin.core.log.Log",
    title="Log a message",
    properties=Log,
    decide=decide,
    aliases=("io.kestra.core.tasks.log.Log",),
    examples=("id: hello\ntype: io.kestra.plugin.core.log.Log\nmessage: Hello, {{ inputs.name }}!",),
)
