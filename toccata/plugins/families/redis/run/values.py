"""``redis.string.*``"""

from __future__ import annotations

from typing import Any

from toccata.plugin import Outputs, RunContext, TaskFailed
from toccata.plugins.families.redis import types
from toccata.plugins.families.redis.run.client import connected, read, written


async def run_set(task: types.Set, run: RunContext) -> Outputs:
    del run
    options = task.options
    if options.must_exist and options.must_not_exist:
        raise TaskFailed("options: `mustExist` and `mustNotExist` exclude each other")
    async with connected(task) as redis:
        old = await redis.set(
            task.key,
            written(task.value, task.serde_type),
            px=options.expiration_duration,
            pxat=options.expiration_date,
            nx=options.must_not_exist,
            xx=options.must_exist,
            keepttl=options.keep_ttl,
            get=task.get,
        )
    return {"oldValue": old if task.get else None}


async def run_get(task: types.Get, run: RunContext) -> Outputs:
    del run
    async with connected(task) as redis:
        text = await redis.get(task.key)
    if text is None:
        if task.failed_on_missing:
            raise TaskFailed(f"Missing keys '{task.key}'")
        return {"key": task.key}
    return {"key": task.key, "data": read(text, task.serde_type, task.key)}


async def run_delete(task: types.Delete, run: RunContext) -> Outputs:
    async with connected(task) as redis:
        count = await redis.delete(*task.keys)
    if task.failed_on_missing and count < len(set(task.keys)):
        raise TaskFailed(f"Missing keys, only {count} keys deleted out of {len(task.keys)}")
    run.metric("counter", "keys.deleted", count)
    return {"count": count}


async def run_increment(task: types.Increment, run: RunContext) -> Outputs:
    del run
    options = task.options
    async with connected(task) as redis:
        value: Any = (
            await redis.incr(task.key)
            if task.amount is None
            else await redis.incrbyfloat(task.key, task.amount)
        )
        if options.expiration_duration is not None:
            await redis.pexpire(task.key, options.expiration_duration)
        if options.expiration_date is not None:
            await redis.pexpireat(task.key, options.expiration_date)
    return {"key": task.key, "value": value}


async def run_ttl(task: types.Ttl, run: RunContext) -> Outputs:
    del run
    async with connected(task) as redis:
        return {"key": task.key, "ttl": await redis.ttl(task.key)}
