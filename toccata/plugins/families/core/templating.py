"""``core.templating.TemplatedTask``: a task whose type and properties are themselves rendered."""

from __future__ import annotations

from toccata.plugin import Outputs, Properties, RunContext, TaskType, dynamic


class TemplatedTask(Properties):
    """Renders the text of a task, and runs that task in its place. Its outputs are those of that task, which may be of any type
    that a worker runs, but not of this one."""

    spec: str = dynamic(doc="the YAML text of the task, without an `id`")


async def run(task: TemplatedTask, run: RunContext) -> Outputs:
    return dict(await run.perform(task.spec))


TEMPLATED_TASK = TaskType(
    name="io.kestra.plugin.core.templating.TemplatedTask",
    title="Run a task that is rendered as a whole",
    properties=TemplatedTask,
    run=run,
    kind="heavy",
    aliases=("io.kestra.core.tasks.templating.TemplatedTask",),
    examples=(
        """\
id: any
type: io.kestra.plugin.core.templating.TemplatedTask
spec: |
  type: io.kestra.plugin.core.debug.Return
  format: {{ inputs.text }}
""",
    ),
)
