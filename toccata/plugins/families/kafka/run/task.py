"""``kafka.*``"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import Mapping
from typing import Any

from toccata.plugin import Outputs, RowFile, RunContext, TaskFailed, row_file, taken_rows
from toccata.plugins.families.kafka import types
from toccata.plugins.families.kafka.run.client import consumer, producer
from toccata.plugins.families.kafka.run.form import BadForm, written
from toccata.plugins.families.kafka.run.records import check, instant, moment_of, parts_of, row_of

_AT_ONCE = 1000
"""Records that are sent before the answers to them are awaited."""
_SPARE_SECONDS = 30.0
"""For a group to come together, before the first record."""


async def run_produce(task: types.Produce, run: RunContext) -> Outputs:
    own: dict[str, Any] = {}
    if task.transactional and "transactional.id" not in task.properties:
        own["transactional_id"] = f"toccata-{secrets.token_hex(8)}"
    counted: Counter[str] = Counter()
    async with producer(run, task.properties, own) as client:
        if task.transactional:
            async with client.transaction():
                await _send_all(task, run, client, counted)
        else:
            await _send_all(task, run, client, counted)
    for topic, count in counted.items():
        run.metric("counter", "records", count, {"topic": topic})
    return {"messagesCount": counted.total()}


async def _send_all(task: types.Produce, run: RunContext, client: Any, counted: Counter[str]) -> None:
    waiting: list[Any] = []
    async for row in taken_rows(run, task.from_):
        if not isinstance(row, Mapping):
            raise TaskFailed(f"from: each record must be a map, not {row!r:.100}")
        topic = row.get("topic") or task.topic
        if not topic:
            raise TaskFailed("topic: neither the task nor the record names one")
        if topic not in counted:
            await _require(client, str(topic))
        waiting.append(await client.send(str(topic), **_record(task, row)))
        counted[str(topic)] += 1
        if len(waiting) == _AT_ONCE:
            await asyncio.gather(*waiting)
            waiting.clear()
    await asyncio.gather(*waiting)


async def _require(client: Any, topic: str) -> None:
    cluster = await client.client.fetch_all_metadata()
    if topic not in cluster.topics(exclude_internal_topics=False):
        raise TaskFailed(f"topic: `{topic}` does not exist")


def _record(task: types.Produce, row: Mapping[str, Any]) -> dict[str, Any]:
    try:
        found = {
            "key": written(row.get("key"), task.key_serializer),
            "value": written(row.get("value"), task.value_serializer),
            "partition": None if row.get("partition") is None else int(row["partition"]),
            "timestamp_ms": moment_of(row.get("timestamp")),
            "headers": _headers(row.get("headers")),
        }
    except (BadForm, ValueError, TypeError) as error:
        raise TaskFailed(f"from: {error}") from None
    return found


def _headers(value: Any) -> list[tuple[str, bytes]]:
    """Of a map, or of a list of maps: with one entry each, or with `key` and `value` as `Consume` writes them."""
    maps = value if isinstance(value, list) else [value] if value is not None else []
    found: list[tuple[str, bytes]] = []
    for each in maps:
        if not isinstance(each, Mapping):
            raise BadForm(f"headers: must be a map or a list of maps, not {value!r:.100}")
        pairs = [(each["key"], each["value"])] if set(each) == {"key", "value"} else each.items()
        found += [(str(name), str(text).encode()) for name, text in pairs]
    return found


async def run_consume(task: types.Consume, run: RunContext) -> Outputs:
    group = task.group_id or task.properties.get("group.id")
    check(task, has_group=bool(group))
    own = {"group_id": group} if group else {"auto_offset_reset": "earliest"}
    counted: Counter[str] = Counter()
    async with consumer(run, task.properties, own) as client, row_file(run) as file:
        await _begin(task, client, has_group=group is not None)
        got = await _read_all(task, run, client, file, counted)
        uri = await file.stored()
        if group is not None and got:
            await client.commit(got)
    for topic, count in counted.items():
        run.metric("counter", "records", count, {"topic": topic})
    return {"messagesCount": file.count, "uri": uri}


async def _begin(task: types.Consume, client: Any, *, has_group: bool) -> None:
    if task.topic is None:
        client.subscribe(pattern=task.topic_pattern)
        return
    if has_group and not task.partitions and task.since is None:
        client.subscribe(task.topic)
        return
    parts = await parts_of(task, client)
    client.assign(parts)
    if task.since is not None:
        moment = instant(task.since)
        offsets = await client.offsets_for_times(dict.fromkeys(parts, moment))
        for part in parts:
            if offsets.get(part) is None:
                await client.seek_to_end(part)
            else:
                client.seek(part, offsets[part].offset)
    elif not has_group:
        await client.seek_to_beginning(*parts)


async def _read_all(
    task: types.Consume, run: RunContext, client: Any, file: RowFile, counted: Counter[str]
) -> dict[Any, int]:
    """What comes after the last record that was read, by partition."""
    began = time.monotonic()
    end = None if task.max_duration is None else began + task.max_duration.total_seconds()
    wait = task.poll_duration.total_seconds()
    got: dict[Any, int] = {}
    while task.max_records is None or file.count < task.max_records:
        most = None if task.max_records is None else task.max_records - file.count
        found = await client.getmany(timeout_ms=int(wait * 1000), max_records=most)
        if not found:
            if client.assignment() or time.monotonic() > began + wait + _SPARE_SECONDS:
                break
            continue  # the group is not together yet
        for part, records in found.items():
            rows = [row for each in records if (row := await row_of(task, run, each)) is not None]
            await file.write(rows)
            counted[part.topic] += len(rows)
            got[part] = records[-1].offset + 1
        if end is not None and time.monotonic() > end:
            break
    return got
