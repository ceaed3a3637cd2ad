"""The producer on a real broker: a partition that refuses costs the others nothing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts.topics import TOPICS
from tests.support.topics import own_topics
from toccata.runtime.errors import Transient
from toccata.runtime.fetch import Reader
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.topic_admin import ensure_topics

pytestmark = pytest.mark.servers
GOOD, BAD = "executions.commands", "attempts.logs"
LARGE = b"x" * 20_000


async def small_topic(settings: KafkaSettings) -> None:
    """Make the topic with a limit of 5,000 bytes a batch."""
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    await admin.start()
    try:
        name, configs = settings.topic_prefix + BAD, {"max.message.bytes": "5000"}
        await admin.create_topics([NewTopic(name, TOPICS[BAD].partitions, 1, topic_configs=configs)])
    finally:
        await admin.close()


@asynccontextmanager
async def producing(settings: KafkaSettings, seconds: float = 20.0) -> AsyncIterator[Producer]:
    producer = Producer(settings, "test", deadline_seconds=seconds)
    try:
        yield producer
    finally:
        await producer.stop()


async def values_of(settings: KafkaSettings, topic: str, count: int) -> list[bytes | None]:
    reader = Reader(settings, "test-reader")
    await reader.assign({(topic, 0): "earliest"})
    found: list[bytes | None] = []
    async with asyncio.timeout(30):
        while len(found) < count:
            for records in (await reader.poll()).values():
                found += [record.value for record in records]
    await reader.stop()
    return found


async def test_a_refused_batch_fails_alone_and_its_partition_goes_on(kafka: str) -> None:
    settings = await own_topics(kafka, [GOOD])
    await small_topic(settings)
    async with producing(settings) as producer:
        refused = producer.post(BAD, Record(b"k", LARGE, partition=0))
        good = producer.post(GOOD, Record(b"k", b"1", partition=0))
        appended = asyncio.ensure_future(producer.append(GOOD, 1, [b"a", b"b"]))
        assert await asyncio.wait_for(good, 30) == 0
        assert await asyncio.wait_for(appended, 30) == [(0, 2)]
        with pytest.raises(Transient, match=r"attempts\.logs/0"):
            await asyncio.wait_for(refused, 30)
        await producer.send(BAD, [Record(b"k", b"small", partition=0)])
        await producer.send(GOOD, [Record(b"k", b"2", partition=0)])

    assert await values_of(settings, BAD, 1) == [b"small"]
    assert await values_of(settings, GOOD, 2) == [b"1", b"2"]


async def test_what_waits_behind_a_refused_batch_fails_with_it_so_nothing_overtakes(kafka: str) -> None:
    settings = await own_topics(kafka, [GOOD])
    await small_topic(settings)
    async with producing(settings) as producer:
        first = asyncio.ensure_future(producer.append(BAD, 0, [LARGE]))
        second = asyncio.ensure_future(producer.append(BAD, 0, [b"small"]))
        for appended in (first, second):
            with pytest.raises(Transient):
                await asyncio.wait_for(appended, 30)
        assert await asyncio.wait_for(producer.append(BAD, 0, [b"later"]), 30) == [(0, 1)]


async def test_a_partition_without_a_leader_waits_alone_until_its_deadline(kafka: str) -> None:
    settings = await own_topics(kafka, [GOOD])
    async with producing(settings, seconds=3.0) as producer:
        waiting = producer.post(BAD, Record(b"k", b"never", partition=0))
        for number in range(50):
            await producer.send(GOOD, [Record(b"k", b"%d" % number, partition=0)])
        with pytest.raises(Transient, match="waited too long"):
            await asyncio.wait_for(waiting, 30)

    async with producing(settings, seconds=60.0) as producer:
        waiting = producer.post(BAD, Record(b"k", b"later", partition=0))
        await producer.send(GOOD, [Record(b"k", b"50", partition=0)])
        assert not waiting.done()
        await ensure_topics(settings, only=[BAD])
        await asyncio.wait_for(waiting, 60)

    assert await values_of(settings, GOOD, 51) == [b"%d" % number for number in range(51)]
    assert await values_of(settings, BAD, 1) == [b"later"]


async def test_many_callers_share_few_requests_and_each_record_lands_once(kafka: str) -> None:
    settings = await own_topics(kafka, [GOOD])
    async with producing(settings) as producer:
        await producer.start()
        tasks = [
            asyncio.ensure_future(producer.send(GOOD, [Record(b"k", b"%d" % n, partition=0)]))
            for n in range(500)
        ]
        await asyncio.gather(*tasks)
        large = [b"%07d" % n + b"x" * 300_000 for n in range(7)]
        batches = await producer.append(GOOD, 0, large)

    assert [count for _, count in batches] == [3, 3, 1]
    assert [base for base, _ in batches] == [500, 503, 506]
    assert await values_of(settings, GOOD, 507) == [*(b"%d" % n for n in range(500)), *large]
