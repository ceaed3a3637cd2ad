"""A processor one of whose partitions, or one of whose receivers, is in trouble: the others do not notice."""

from __future__ import annotations

import asyncio

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts import codec
from contracts.topics import TOPICS
from tests.integration.test_processor_host import NEEDED, published, running_host
from tests.support.counter import Add
from tests.support.system import within
from tests.support.topics import own_topics
from toccata.runtime.fetch import Reader
from toccata.runtime.kafka import Producer, Record, partition_of
from toccata.runtime.settings import KafkaSettings

pytestmark = pytest.mark.servers
LARGE = "x" * 20_000
WORK = TOPICS["triggers.commands"].partitions
BAD = partition_of(LARGE.encode(), WORK)


async def with_small(bootstrap: str, topic: str) -> KafkaSettings:
    """Make the topics, of which one refuses batches over 5,000 bytes."""
    settings = await own_topics(bootstrap, [name for name in NEEDED if name != topic])
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        new = NewTopic(
            settings.topic_prefix + topic,
            TOPICS[topic].partitions,
            1,
            topic_configs={"max.message.bytes": "5000"},
        )
        await admin.create_topics([new])
    finally:
        await admin.close()
    return settings


async def add(settings: KafkaSettings, *adds: Add) -> None:
    producer = Producer(settings, "test-user")
    await producer.send("triggers.commands", [Record(a.name.encode(), codec.encode(a)) for a in adds])
    await producer.stop()


def elsewhere(count: int) -> list[str]:
    """Return names whose partition is not the bad one."""
    names = (f"n{number}" for number in range(1_000))
    return [name for name in names if partition_of(name.encode(), WORK) != BAD][:count]


async def test_a_journal_that_refuses_a_batch_makes_its_partition_alone_step_down(kafka: str) -> None:
    settings = await with_small(kafka, "triggers.journal")
    names = elsewhere(40)
    async with running_host(settings) as host:

        async def ready() -> bool:
            return bool(host.ready)

        async def rebuilt() -> bool:
            return host.partitions().get(BAD) not in (first, None)

        await within(30, ready)
        others = {number: p for number, p in host.partitions().items() if number != BAD}
        first = host.partitions()[BAD]
        await add(settings, Add(name=LARGE, amount=1), *(Add(name=name, amount=1) for name in names))
        await published(settings, len(names))
        await within(30, rebuilt)
        await add(settings, *(Add(name=name, amount=1) for name in names))
        await published(settings, 2 * len(names))

        assert {number: p for number, p in host.partitions().items() if number != BAD} == others


async def test_a_receiver_that_refuses_holds_up_no_other_receiver(kafka: str) -> None:
    settings = await with_small(kafka, "events")
    async with running_host(settings):
        # Each input of that partition is owed to both topics. The large one is refused by one of them.
        await add(settings, Add(name=LARGE, amount=1))
        assert len(await published(settings, 1)) == 1
        small = next(f"s{n}" for n in range(1_000) if partition_of(f"s{n}".encode(), WORK) == BAD)
        await add(settings, Add(name=small, amount=5))
        events = await published(settings, 2)
        copies = await read_all(settings, "triggers.events")

    assert [event.amount for event in events] == [1, 5]
    assert len(copies) == 2, "what was acknowledged is not sent again while something else is refused"


async def read_all(settings: KafkaSettings, topic: str) -> list[bytes | None]:
    reader = Reader(settings, "test-counter")
    places = [(topic, number) for number in range(TOPICS[topic].partitions)]
    await reader.assign(dict.fromkeys(places, "earliest"))
    ends = await reader.end_offsets(places)
    found: list[bytes | None] = []
    async with asyncio.timeout(30):
        while any(reader.position(*place) < end for place, end in ends.items()):
            for records in (await reader.poll()).values():
                found += [record.value for record in records]
    await reader.stop()
    return found
