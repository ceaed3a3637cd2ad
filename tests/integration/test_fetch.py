"""The reader on a real broker: turns, long polls, sessions, and what happens when a partition is in trouble."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from contextlib import suppress

import pytest
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
from aiokafka.structs import TopicPartition

from tests.support.topics import own_topics
from toccata.runtime.errors import Transient
from toccata.runtime.fetch import Reader, Start
from toccata.runtime.fetch_session import Bounds
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.settings import KafkaSettings

pytestmark = pytest.mark.servers
TOPIC = "executions.commands"
PARTITIONS = 16


async def fill(settings: KafkaSettings, partition: int, count: int, size: int = 100) -> None:
    producer = Producer(settings, "test-filler")
    for _ in range(0, count, 2):  # in many small batches, because a broker gives whole ones
        await producer.send(TOPIC, [Record(b"k", b"x" * size, partition=partition)] * min(2, count))
    await producer.stop()


async def test_a_backlog_on_low_partitions_does_not_starve_the_high_ones(kafka: str) -> None:
    settings = await own_topics(kafka, [TOPIC])
    for partition in range(4):
        await fill(settings, partition, 60, 20_000)
    await fill(settings, 15, 1)
    reader = Reader(settings, "test", Bounds(5_000, bytes=200_000, partition_bytes=50_000))
    await reader.assign({(TOPIC, n): "earliest" for n in range(PARTITIONS)})
    polls: list[set[int]] = []
    async with asyncio.timeout(30):
        while not polls or 15 not in polls[-1]:
            polls.append({number for _, number in await reader.poll()})
    await reader.stop()

    assert len(polls) <= 4, polls


async def test_a_backlog_of_one_partition_and_news_of_another_lose_nothing(kafka: str) -> None:
    settings = await own_topics(kafka, [TOPIC])
    reader = Reader(settings, "test", Bounds(5_000, bytes=200_000, partition_bytes=50_000))
    await reader.assign({(TOPIC, n): "earliest" for n in range(PARTITIONS)})
    await fill(settings, 0, 300, 5_000)
    filling = asyncio.ensure_future(trickle(settings))
    seen: dict[int, list[int]] = {}
    async with asyncio.timeout(30):
        while sum(map(len, seen.values())) < 300 + 60:
            for (_, number), records in (await reader.poll()).items():
                seen.setdefault(number, []).extend(record.offset for record in records)
    await filling
    await reader.stop()

    assert Counter({n: len(offsets) for n, offsets in seen.items()}) == {
        0: 300,
        **dict.fromkeys(range(1, 7), 10),
    }
    assert all(offsets == list(range(len(offsets))) for offsets in seen.values())


async def trickle(settings: KafkaSettings) -> None:
    producer = Producer(settings, "test-trickle")
    for _ in range(10):
        await producer.send(TOPIC, [Record(b"k", b"v", partition=n) for n in range(1, 7)])
    await producer.stop()


async def test_a_wake_ends_a_poll_and_a_new_assignment_is_read_at_once(kafka: str) -> None:
    settings = await own_topics(kafka, [TOPIC])
    await fill(settings, 3, 1)
    reader = Reader(settings, "test")
    await reader.assign({(TOPIC, 0): "earliest"})
    while reader._wait_ms < 5_000:
        assert await reader.poll(500) == {}
    waiting = asyncio.ensure_future(reader.poll(60_000))
    await asyncio.sleep(0)
    reader.wake()
    assert await asyncio.wait_for(waiting, 5) == {}

    await reader.assign({(TOPIC, 0): "earliest", (TOPIC, 3): "earliest"})
    began = time.monotonic()
    found = await reader.poll(20_000)
    await reader.stop()

    assert list(found) == [(TOPIC, 3)]
    assert time.monotonic() - began < 4, "the long poll of the old assignment was not ended"


async def test_a_deleted_topic_loses_no_record_of_another_one(kafka: str) -> None:
    settings = await own_topics(kafka, [TOPIC, "attempts.logs"])
    reader = Reader(settings, "test")
    topics: dict[tuple[str, int], Start] = {
        (TOPIC, 0): "earliest",
        (TOPIC, 1): "earliest",
        ("attempts.logs", 0): "earliest",
    }
    await reader.assign(topics)
    await reader.poll(100)
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.delete_topics([f"{settings.topic_prefix}attempts.logs"])
    await admin.close()
    producer = Producer(settings, "test-filler")
    offsets: list[int] = []
    async with asyncio.timeout(30):
        for number in range(20):
            await producer.send(TOPIC, [Record(b"k", b"v", partition=1)])
            while len(offsets) <= number:
                with suppress(Transient):
                    for records in (await reader.poll(200)).values():
                        offsets.extend(record.offset for record in records)
    await producer.stop()
    await reader.stop()

    assert offsets == list(range(20))


async def test_records_deleted_under_a_session_are_reported_and_reading_goes_on(kafka: str) -> None:
    settings = await own_topics(kafka, [TOPIC])
    reader = Reader(settings, "test")
    await reader.assign({(TOPIC, n): "earliest" for n in range(PARTITIONS)})
    assert await reader.poll(100) == {}
    await fill(settings, 5, 10)
    await reader.assign({(TOPIC, n): "earliest" for n in range(PARTITIONS)})
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    name = f"{settings.topic_prefix}{TOPIC}"
    await admin.delete_records({TopicPartition(name, 5): RecordsToDelete(before_offset=6)})
    await admin.close()
    offsets: list[int] = []
    async with asyncio.timeout(30):
        while 9 not in offsets:
            for records in (await reader.poll()).values():
                offsets.extend(record.offset for record in records)
    await reader.stop()

    # A request that was on its way may have brought the first ones.
    before = offsets[:-4]
    assert offsets == [*range(len(before)), 6, 7, 8, 9]
    assert reader.take_lost() == [((TOPIC, 5), len(before), 6)]
