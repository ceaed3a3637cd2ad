"""``nats.core.*``"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import NotFoundError

from toccata.plugin import (
    BadRows,
    Outputs,
    RunContext,
    StorageRefused,
    TaskFailed,
    TriggerEvent,
    rows,
    scratch,
    stored,
    write_json,
)
from toccata.plugins.families.nats import types
from toccata.plugins.families.nats.run.client import connected
from toccata.rows.write import write_rows

_POLICIES = {
    "All": DeliverPolicy.ALL,
    "Last": DeliverPolicy.LAST,
    "New": DeliverPolicy.NEW,
    "ByStartSequence": DeliverPolicy.BY_START_SEQUENCE,
    "ByStartTime": DeliverPolicy.BY_START_TIME,
    "LastPerSubject": DeliverPolicy.LAST_PER_SUBJECT,
}


async def run_produce(task: types.Produce, run: RunContext) -> Outputs:
    count = 0
    async with connected(task) as nats:
        try:
            async for each in rows(run.storage, task.from_):
                data, headers = _message(each)
                await nats.publish(task.subject, data, headers=headers)
                count += 1
        except BadRows as error:
            raise TaskFailed(f"from: {error}") from None
        except StorageRefused as error:
            raise TaskFailed(str(error)) from None
        await nats.flush()
    return {"messagesCount": count}


async def run_request(task: types.Request, run: RunContext) -> Outputs:
    del run
    data, headers = _message(task.from_ if isinstance(task.from_, Mapping) else {"data": task.from_})
    limit = task.request_timeout.total_seconds()
    async with connected(task) as nats:
        try:
            answer = await nats.request(task.subject, data, timeout=limit, headers=headers)
        except TimeoutError:
            raise TaskFailed(f"{task.subject}: no answer within {limit:g} s") from None
    return {"response": answer.data.decode("utf-8", "replace")}


def _message(given: Any) -> tuple[bytes, dict[str, str] | None]:
    """Raise TaskFailed for what is no message."""
    if not isinstance(given, Mapping) or "data" not in given:
        raise TaskFailed(f"from: each message must be a map with `data`, not {given!r:.100}")
    data = given["data"]
    headers = given.get("headers") or {}
    if not isinstance(headers, Mapping):
        raise TaskFailed(f"from: `headers` must be a map, not {headers!r:.100}")
    texts = {
        str(name): ", ".join(map(str, value)) if isinstance(value, list) else str(value)
        for name, value in headers.items()
    }
    return data.encode() if isinstance(data, str) else write_json(data), texts or None


async def run_consume(task: types.Consume, run: RunContext) -> Outputs:
    path = await scratch(run) / "consumed"
    with await asyncio.to_thread(path.open, "wb") as out:
        async with connected(task) as nats:
            try:
                subscription = await nats.jetstream().pull_subscribe(
                    task.subject, durable=task.durable_id, config=_consumer(task)
                )
            except NotFoundError:
                raise TaskFailed(f"subject: `{task.subject}` belongs to no stream of the server") from None
            count = await _fetched(task, subscription, out)
            await nats.flush()
    run.metric("counter", "records", count)
    return {"messagesCount": count, "uri": await stored(run, path, ".ion")}


async def poll(trigger: types.Trigger, run: RunContext) -> Sequence[TriggerEvent]:
    got = await run_consume(trigger, run)
    if got["messagesCount"]:
        return [TriggerEvent(variables=dict(got))]
    await run.storage.delete(got["uri"])
    return []


def _consumer(task: types.Consume) -> ConsumerConfig:
    config = ConsumerConfig(
        ack_policy=AckPolicy.EXPLICIT,
        deliver_policy=_POLICIES[task.deliver_policy],
    )
    if task.since is not None:
        try:
            moment = datetime.fromisoformat(task.since)
        except ValueError:
            raise TaskFailed(f"since: `{task.since}` is no time as 2026-01-31T12:00:00Z") from None
        config.deliver_policy = DeliverPolicy.BY_START_TIME
        config.opt_start_time = moment.isoformat() if moment.tzinfo else f"{moment.isoformat()}Z"  # type: ignore[assignment]
    return config


async def _fetched(task: types.Consume, subscription: Any, out: BinaryIO) -> int:
    """A message is acknowledged when it is in the file."""
    count = 0
    end = None if task.max_duration is None else time.monotonic() + task.max_duration.total_seconds()
    while task.max_records is None or count < task.max_records:
        wanted = (
            task.batch_size if task.max_records is None else min(task.batch_size, task.max_records - count)
        )
        try:
            found = await subscription.fetch(wanted, timeout=task.poll_duration.total_seconds())
        except TimeoutError:
            break
        await asyncio.to_thread(write_rows, out, [_row(each) for each in found])
        for each in found:
            await each.ack()
        count += len(found)
        if end is not None and time.monotonic() > end:
            break
    return count


def _row(message: Any) -> dict[str, Any]:
    return {
        "subject": message.subject,
        "headers": {name: [value] for name, value in (message.headers or {}).items()},
        "data": message.data.decode("utf-8", "replace"),
        "timestamp": message.metadata.timestamp,
    }
