"""Kafka's triggers. The committed offsets of their group say what has started executions.

The id of an event names the offsets that follow it. So the poll that hears that it was accepted knows what to commit, and reads on
there. A poll assigns itself the partitions and joins no group: there is only one poll of a trigger at a time, and to join takes seconds.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

from toccata.plugin import (
    EVENT_ID_CHARS,
    FOUND_BYTES,
    MOST_FOUND,
    RunContext,
    TaskFailed,
    TriggerEvent,
    row_file,
    write_json,
)
from toccata.plugins.families.kafka import types
from toccata.plugins.families.kafka.run.client import consumer
from toccata.plugins.families.kafka.run.records import check, instant, parts_of, row_of


async def poll(trigger: types.Trigger, run: RunContext) -> Sequence[TriggerEvent]:
    began = time.monotonic()
    end = None if trigger.max_duration is None else began + trigger.max_duration.total_seconds()
    wait_ms = int(trigger.poll_duration.total_seconds() * 1000)
    async with _reader(trigger, run, trigger.group_id) as client, row_file(run) as file:
        got: dict[Any, int] = {}
        full = False
        while not full and (trigger.max_records is None or file.count < trigger.max_records):
            most = None if trigger.max_records is None else trigger.max_records - file.count
            found = await client.getmany(timeout_ms=wait_ms, max_records=most)
            if not found:
                break
            for part, records in found.items():
                following = {**got, part: records[-1].offset + 1}
                if len(_id_of(following)) > EVENT_ID_CHARS:
                    full = True  # the next poll reads this partition
                    continue
                await file.write([row for each in records if (row := await row_of(trigger, run, each))])
                got = following
            if end is not None and time.monotonic() > end:
                break
        run.metric("counter", "records", file.count)
        if not file.count:
            await _commit(client, got)
            return []
        outputs = {"messagesCount": file.count, "uri": await file.stored()}
        return [TriggerEvent(id=_id_of(got), variables=outputs)]


async def subscribe(trigger: types.RealtimeTrigger, run: RunContext) -> Sequence[TriggerEvent]:
    end = time.monotonic() + run.evaluation.wait_seconds
    async with _reader(trigger, run, trigger.group_id) as client:
        while (left := end - time.monotonic()) > 0:
            found = await client.getmany(timeout_ms=int(left * 1000), max_records=MOST_FOUND)
            taken = _Taken()
            for part, records in found.items():
                for record in records:
                    taken.add(part, record.offset, await row_of(trigger, run, record))
            await _commit(client, taken.passed)
            if taken.events:
                run.metric("counter", "records", len(taken.events))
                return taken.events
    return []


class _Taken:
    """The records of one answer that become events, as far as they fit."""

    def __init__(self) -> None:
        self.events: list[TriggerEvent] = []
        self.passed: dict[Any, int] = {}
        """By partition: what follows the records before its first event. They are not wanted."""
        self._with_events: set[Any] = set()
        self._room = FOUND_BYTES * 3 // 4
        """The rest of the limit is for what is around them."""

    def add(self, part: Any, offset: int, row: Mapping[str, Any] | None) -> None:
        """Raise TaskFailed if the record alone is too large. What does not fit comes again with the next poll."""
        if self._room < 0:
            return
        if row is None:
            if part not in self._with_events:
                self.passed[part] = offset + 1
            return
        variables = {**row, "timestamp": row["timestamp"].isoformat().replace("+00:00", "Z")}
        size = len(write_json(variables))
        self._room -= size
        if self._room >= 0:
            self._with_events.add(part)
            self.events.append(TriggerEvent(id=_id_of({part: offset + 1}), variables=variables))
        elif not self.events:
            raise TaskFailed(
                f"{part.topic}, partition {part.partition}, offset {offset}: the record has {size:,} bytes, too many for an event. "
                "Read it with kafka.Trigger, which stores records in files"
            )


@asynccontextmanager
async def _reader(trigger: types.Reading, run: RunContext, group: str) -> AsyncIterator[Any]:
    """Commit what was accepted, and give a client that is about to read on there. Raise TaskFailed."""
    check(trigger, has_group=True)
    async with consumer(run, trigger.properties, {"group_id": group}) as client:
        parts = await parts_of(trigger, client)
        if not parts:
            raise TaskFailed(f"topicPattern: no topic is named as `{trigger.topic_pattern}` says")
        client.assign(parts)
        accepted = _accepted(run.evaluation.accepted)
        begun: dict[Any, int] = {}
        for part in parts:
            committed = await client.committed(part)
            following = max(committed or 0, accepted.get((part.topic, part.partition), 0))
            if committed is None and not following:
                # Without a position of its own, the next poll would miss what comes between the two.
                following = await _first(trigger, client, part)
            if following != committed:
                begun[part] = following
            client.seek(part, following)
        await _commit(client, begun)
        yield client


async def _first(trigger: types.Reading, client: Any, part: Any) -> int:
    """Return where a group begins that has not read the partition: at `since`, or as `auto.offset.reset` says."""
    if trigger.since is not None:
        found = (await client.offsets_for_times({part: instant(trigger.since)})).get(part)
        if found is not None:
            return int(found.offset)
        await client.seek_to_end(part)
    return int(await client.position(part))


async def _commit(client: Any, offsets: Mapping[Any, int]) -> None:
    if offsets:
        await client.commit(dict(offsets))


def _id_of(following: Mapping[Any, int]) -> str:
    return ";".join(f"{part.topic}/{part.partition}:{offset}" for part, offset in sorted(following.items()))


def _accepted(ids: Iterable[str]) -> dict[tuple[str, int], int]:
    """Return by topic and partition the highest offset that follows what was accepted."""
    found: dict[tuple[str, int], int] = {}
    for each in ids:
        for text in each.split(";"):
            place, _, offset = text.rpartition(":")
            topic, _, number = place.rpartition("/")
            if topic and number.isdecimal() and offset.isdecimal():
                key = (topic, int(number))
                found[key] = max(found.get(key, 0), int(offset))
    return found
