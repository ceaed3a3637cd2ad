"""``core.execution.Resume``: resume another execution."""

from __future__ import annotations

from typing import Any

from contracts.language.types.property import Properties, dynamic
from contracts.language.types.pure import PureTask, Result, Update


class Resume(Properties):
    """Resumes another execution that is paused. One that is not paused stays as it is."""

    execution_id: str = dynamic(doc="the paused execution")
    inputs: dict[str, Any] | None = dynamic(None, doc="values of what its pause asks for")


def decide(task: Resume) -> Result:
    execution_id = task.execution_id.strip()
    if not 0 < len(execution_id) <= 64:
        return Result(failure=f"`{task.execution_id[:80]}` is no id of an execution")
    return Result(update=Update(resumes={execution_id: task.inputs or {}}))


RESUME = PureTask(
    name="io.kestra.plugin.core.execution.Resume",
    title="Resume another execution",
    properties=Resume,
    decide=decide,
    aliases=("io.kestra.core.tasks.executions.Resume",),
    updates=True,
    examples=(
        'id: go_on\ntype: io.kestra.plugin.core.execution.Resume\nexecutionId: "{{ trigger.executionId }}"',
    ),
)
