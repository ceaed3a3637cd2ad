"""A reader over the death of its broker: its session is gone, and nothing else."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import pytest

from tests.support.topics import own_topics
from toccata.runtime.errors import Transient
from toccata.runtime.fetch import Reader
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.settings import KafkaSettings
from toccata.standalone.kafka import EmbeddedKafka

pytestmark = pytest.mark.servers
TOPIC = "executions.commands"
SECONDS = 120.0


async def send(settings: KafkaSettings, first: int, count: int) -> None:
    producer = Producer(settings, "test-sender")
    records = [Record(b"k", b"%d" % number, partition=number % 16) for number in range(first, first + count)]
    await producer.send(TOPIC, records)
    await producer.stop()


async def read(reader: Reader, count: int) -> list[int]:
    found: list[int] = []
    async with asyncio.timeout(SECONDS):
        while len(found) < count:
            with suppress(Transient):
                for records in (await reader.poll()).values():
                    found += [int(record.value or b"") for record in records]
    return sorted(found)


async def test_a_reader_goes_on_where_it_was_when_its_broker_is_back(tmp_path: Path) -> None:
    broker = EmbeddedKafka(tmp_path / "kafka")
    settings = await own_topics(await broker.start(), [TOPIC])
    reader = Reader(settings, "test")
    try:
        await reader.assign({(TOPIC, n): "earliest" for n in range(16)})
        await send(settings, 0, 32)
        assert await read(reader, 32) == list(range(32))
        idle = asyncio.ensure_future(read(reader, 32))
        await broker.kill()
        await broker.restart()
        await send(settings, 32, 32)

        assert await idle == list(range(32, 64))
    finally:
        await reader.stop()
        await broker.kill()
