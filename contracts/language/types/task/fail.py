"""``core.execution.Fail``: fail on purpose, always or on a condition."""

from __future__ import annotations

from contracts.language.expression.template import is_truthy
from contracts.language.types.property import Properties, dynamic
from contracts.language.types.pure import PureTask, Result


class Fail(Properties):
    """Fails with the message, always or when the rendered condition is true."""

    condition: str | bool | None = dynamic(
        None, doc="empty text, false, 0 and -0 count as false; everything else as true"
    )
    error_message: str = dynamic("Task failure", doc="the message to fail with")


def decide(task: Fail) -> Result:
    fails = task.condition is None or (task.condition is not False and is_truthy(str(task.condition)))
    return Result(failure=task.error_message if fails else None)


FAIL = PureTask(
    name="io.kestra.plugin.core.execution.Fail",
    title="Fail",
    properties=Fail,
    decide=decide,
    aliases=("io.kestra.core.tasks.executions.Fail",),
    examples=(
        'id: guard\ntype: io.kestra.plugin.core.execution.Fail\ncondition: "{{ inputs.rows == 0 }}"\nerrorMessage: No rows',
    ),
)
