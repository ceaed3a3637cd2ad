"""Shows the records of a topic as they come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass

from contracts.topics import TOPICS
from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.event.record import say_record
from toccata.cli.event.start import Start, in_words, parse_start
from toccata.cli.event.topic import CLIENT, partitions_of, reached, reader_of, refuse_private
from toccata.cli.option import Form
from toccata.cli.output import err
from toccata.cli.target.reach import kafka_of
from toccata.cli.target.value import Target
from toccata.runtime.clock import now_ms
from toccata.runtime.errors import Transient
from toccata.runtime.fetch import Fetched, Reader
from toccata.runtime.kafka import partition_of
from toccata.runtime.settings import KafkaSettings

_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Window:
    """Which records of a topic."""

    start: str = "latest"
    execution: str | None = None
    count: int | None = None
    """Stop after this many records."""


def tail(target: Target, topic: str, window: Window, form: Form) -> None:
    """Show records until interrupted, or until ``count`` records."""
    refuse_private(topic)
    if window.execution and topic in TOPICS and TOPICS[topic].key != "execution id":
        raise CommandError(
            f"Records of topic {topic} belong to no execution.", "Leave --execution out.", MISUSED
        )
    start = parse_start(window.start, now_ms())
    asyncio.run(_tail(kafka_of(target, reader_of(topic)), topic, window, start, form))


async def _tail(kafka: KafkaSettings, topic: str, window: Window, start: Start, form: Form) -> None:
    async with reached(kafka):
        numbers = await partitions_of(kafka, topic)
    key = window.execution.encode() if window.execution else None
    if key is not None:
        numbers = [partition_of(key, len(numbers))]
    reader = Reader(kafka, CLIENT)
    shown = 0
    try:
        async with reached(kafka):
            await _place(reader, topic, numbers, start)
        err.print(in_words(topic, start, window.start), style="dim")
        async for record in _records(reader):
            if key is not None and record.key != key:
                continue
            say_record(record, form)
            shown += 1
            if shown == window.count:
                return
    finally:
        await reader.stop()


async def _place(reader: Reader, topic: str, numbers: list[int], start: Start) -> None:
    partitions = [(topic, number) for number in numbers]
    if isinstance(start, int):
        # Ask for the ends first, so that records that come meanwhile are after them.
        ends = await reader.end_offsets(partitions)
        since = await reader.offsets_since(dict.fromkeys(partitions, start))
        await reader.assign({p: since[p] if since[p] >= 0 else ends[p] for p in partitions})
    else:
        await reader.assign(dict.fromkeys(partitions, start))


async def _records(reader: Reader) -> AsyncIterator[Fetched]:
    """Records as they come, those of one poll by time. The broker may go away and come back."""
    away = False
    while True:
        try:
            batches = await reader.poll(1000)
        except Transient as error:
            if not away:
                err.print(f"waiting for Kafka: {error}", style="yellow")
            away = True
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        away = False
        for record in sorted((r for batch in batches.values() for r in batch), key=lambda r: r.timestamp_ms):
            yield record
