"""``core.execution.Fail``: fail on purpose, always or on a condition."""

from __future__ import annotations

from toccata.plugin import Properties, RunContext, TaskFailed, TaskType, dynamic, is_truthy


class Fail(Properties):
    """Fails with the message, always or when the rendered condition is true."""

    condition: str | bool | None = dynamic(
        None, doc="empty text, false, 0 and -0 count as false; everything else as true"
    )
    error_message: str = dynamic("Task failure", doc="the message to fail with")


async def run(task: Fail, run: RunContext) -> None:  # noqa: ARG001 - the worker logs the failure
    if task.condition is None or (task.condition is not False and is_truthy(str(task.condition))):
        raise TaskFailed(task.error_message)


FAIL = TaskType(
    name="io.kestra.plugin.core.execution.Fail",
    title="Fail",
    properties=Fail,
    run=run,
    aliases=("io.kestra.core.tasks.executions.Fail",),
    examples=(
        'id: guard\ntype: io.kestra.plugin.core.execution.Fail\ncondition: "{{ inputs.rows == 0 }}"\nerrorMessage: No rows',
    ),
)
