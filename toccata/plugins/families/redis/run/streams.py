"""``redis.list.*`` and ``redis.pubsub.*``"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from toccata.plugin import Outputs, RunContext, TaskFailed, TriggerEvent, scratch, stored, taken_rows
from toccata.plugins.families.redis import types
from toccata.plugins.families.redis.run.client import connected, read, written
from toccata.rows.write import line_of


async def run_list_push(task: types.ListPush, run: RunContext) -> Outputs:
    count = 0
    batch: list[str] = []
    async with connected(task) as redis:
        async for each in taken_rows(run, task.from_):
            batch.append(written(each, task.serde_type))
            if len(batch) == task.batch_size:
                await redis.lpush(task.key, *batch)
                count, batch = count + len(batch), []
        if batch:
            await redis.lpush(task.key, *batch)
            count += len(batch)
    run.metric("counter", "inserted.records.count", count)
    return {"count": count}


async def run_list_pop(task: types.ListPop, run: RunContext) -> Outputs:
    """What was taken is gone from the list, so it is kept even if one of the values cannot be read: then as text."""
    if task.max_records is None and task.max_duration is None:
        raise TaskFailed("one of `maxRecords` and `maxDuration` is needed")
    end = None if task.max_duration is None else time.monotonic() + task.max_duration.total_seconds()
    path = await scratch(run) / "popped"
    count = 0
    with await asyncio.to_thread(path.open, "w", encoding="utf-8") as out:
        async with connected(task) as redis:
            while task.max_records is None or count < task.max_records:
                wanted = task.count if task.max_records is None else min(task.count, task.max_records - count)
                found = await redis.lpop(task.key, wanted) or []
                for text in found:
                    out.write(line_of(_value(task, run, text)))
                count += len(found)
                if not found or (end is not None and time.monotonic() > end):
                    break
    run.metric("counter", "popped.records.count", count, {"key": task.key})
    return {"count": count, "uri": await stored(run, path, ".ion")}


async def poll(trigger: types.Trigger, run: RunContext) -> Sequence[TriggerEvent]:
    popped = await run_list_pop(trigger, run)
    if popped["count"]:
        return [TriggerEvent(variables=dict(popped))]
    await run.storage.delete(popped["uri"])
    return []


def _value(task: types.ListPop, run: RunContext, text: str) -> object:
    try:
        return read(text, task.serde_type, task.key)
    except TaskFailed as failure:
        run.warn(f"{failure.message}. The value is kept as text")
        return text


async def run_publish(task: types.Publish, run: RunContext) -> Outputs:
    count = 0
    async with connected(task) as redis:
        async for each in taken_rows(run, task.from_):
            await redis.publish(task.channel, written(each, task.serde_type))
            count += 1
    run.metric("counter", "published.records.count", count)
    return {"count": count}
