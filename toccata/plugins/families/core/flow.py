"""``core.flow.Sleep``: wait on a worker."""

from __future__ import annotations

import asyncio

from toccata.plugin import Duration, Properties, RunContext, TaskType, dynamic


class Sleep(Properties):
    """Waits for a duration. A kill ends it at once."""

    duration: Duration = dynamic(doc="how long to wait, for example PT15S")


async def run(task: Sleep, run: RunContext) -> None:  # noqa: ARG001 - needs no port
    await asyncio.sleep(max(0.0, task.duration.total_seconds()))


SLEEP = TaskType(
    name="io.kestra.plugin.core.flow.Sleep",
    title="Wait",
    properties=Sleep,
    run=run,
    examples=("id: wait\ntype: io.kestra.plugin.core.flow.Sleep\nduration: PT15S",),
)
