"""The polls of ``jdbc.*.Trigger``: the query of a task, whose rows are an event."""

from __future__ import annotations

from collections.abc import Sequence

from toccata.plugin import Outputs, RunContext, TriggerEvent
from toccata.plugins.families.jdbc.properties import Queried
from toccata.plugins.families.jdbc.run import task


async def rows(trigger: Queried, run: RunContext) -> Sequence[TriggerEvent]:
    return _found(await task.query(trigger, run))


async def file_rows(trigger: Queried, run: RunContext) -> Sequence[TriggerEvent]:
    return _found(await task.file_query(trigger, run))


async def loading_rows(trigger: Queried, run: RunContext) -> Sequence[TriggerEvent]:
    return _found(await task.loading_query(trigger, run))


def _found(outputs: Outputs) -> Sequence[TriggerEvent]:
    return [TriggerEvent(variables=dict(outputs))] if outputs.get("size") else []
