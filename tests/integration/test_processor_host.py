"""The processor runtime on a real broker: recovery, hand-over, back-off, snapshots."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest

from contracts import codec
from contracts.topics import TOPICS
from tests.support.counter import SOURCES, Add, Added, CounterMachine
from tests.support.system import within
from tests.support.topics import own_topics
from toccata.runtime.fetch import Reader
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.metrics import MetricsPage
from toccata.runtime.processor.host import ProcessorHost
from toccata.runtime.processor.membership import Membership
from toccata.runtime.processor.metrics import ProcessorMetrics
from toccata.runtime.processor.recovery import ProcessorSpec
from toccata.runtime.settings import KafkaSettings

pytestmark = pytest.mark.servers
NEEDED = (
    "triggers.commands",
    "triggers.journal",
    "triggers.snapshots",
    "triggers.events",
    "events",
    "dead",
    "ownership.triggers",
)
SPEC = ProcessorSpec("triggers", SOURCES, lambda _: CounterMachine())
EVENTS: codec.Codec[Added] = codec.Codec(Added)


@asynccontextmanager
async def running_host(settings: KafkaSettings, *, membership: str | None = None):
    outbox = Producer(settings, "test-outbox")
    host = ProcessorHost(SPEC, settings, outbox, ProcessorMetrics(MetricsPage("test")), "test")
    task = asyncio.ensure_future(host.run())
    member = None
    if membership is None:
        host.assign(frozenset(range(TOPICS["triggers.commands"].partitions)))
    else:
        member = Membership(settings, ["triggers"], membership, lambda _, owned: host.assign(owned))
        member.start()
    try:
        yield host
    finally:
        if member is not None:
            await member.stop()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await host.stop()
        await outbox.stop()


async def add(settings: KafkaSettings, *adds: Add) -> None:
    producer = Producer(settings, "test-user")
    await producer.send("triggers.commands", [Record(a.name.encode(), codec.encode(a)) for a in adds])
    await producer.stop()


async def published(settings: KafkaSettings, count: int) -> list[Added]:
    """Return the first ``count`` public events, without repetitions."""
    reader = Reader(settings, "test-subscriber")
    await reader.assign(
        {("triggers.events", n): "earliest" for n in range(TOPICS["triggers.events"].partitions)}
    )
    seen: dict[bytes, Added] = {}
    async with asyncio.timeout(30):
        while len(seen) < count:
            for records in (await reader.poll()).values():
                for record in records:
                    seen[dict(record.headers)["ce_id"]] = EVENTS.decode(record.value)
    await reader.stop()
    return list(seen.values())


async def test_inputs_become_events_in_order_and_a_restart_continues_the_fold(kafka: str) -> None:
    settings = await own_topics(kafka, NEEDED)
    async with running_host(settings):
        await add(settings, *(Add(name="a", amount=n) for n in range(1, 101)))
        first = await published(settings, 100)
    async with running_host(settings):
        await add(settings, Add(name="a", amount=1))
        events = await published(settings, 101)

    assert [e.amount for e in first] == list(range(1, 101))
    assert events[-1].total == sum(range(1, 101)) + 1


async def test_a_second_owner_fences_the_first(kafka: str) -> None:
    settings = await own_topics(kafka, NEEDED)
    async with running_host(settings), running_host(settings):
        # Both believe that they own everything. Each append makes the other one step down, and no input takes effect twice.
        for n in range(20):
            await add(settings, Add(name=f"k{n % 3}", amount=1))
        events = await published(settings, 20)

    totals = {name: max(e.total for e in events if e.name == name) for name in ("k0", "k1", "k2")}
    assert totals == {"k0": 7, "k1": 7, "k2": 6}


async def test_a_timer_that_is_set_before_a_restart_fires_after_it(kafka: str) -> None:
    settings = await own_topics(kafka, NEEDED)
    async with running_host(settings):
        await add(settings, Add(name="t", amount=3, later_ms=1_500), Add(name="t", amount=1))
        await published(settings, 1)
    async with running_host(settings):
        events = await published(settings, 2)

    assert [e.amount for e in events] == [1, 3]


async def test_membership_assigns_all_partitions_to_one_replica_and_hands_them_over(kafka: str) -> None:
    settings = await own_topics(kafka, NEEDED)
    async with running_host(settings, membership="one"):
        await add(settings, Add(name="m", amount=1))
        await published(settings, 1)
    async with running_host(settings, membership="one"):
        await add(settings, Add(name="m", amount=1))
        events = await published(settings, 2)

    assert events[-1].total == 2


async def test_a_transition_that_raises_fails_its_input_alone(kafka: str) -> None:
    settings = await own_topics(kafka, NEEDED)
    async with running_host(settings):
        await add(
            settings, Add(name="x", amount=1), Add(name="x", amount=0, explode=True), Add(name="x", amount=2)
        )
        reader = Reader(settings, "test-subscriber")
        await reader.assign({("triggers.events", n): "earliest" for n in range(8)})
        values: list[bytes] = []
        async with asyncio.timeout(20):
            while len(values) < 3:
                for records in (await reader.poll()).values():
                    values += [r.value or b"" for r in records]
        await reader.stop()

    assert b"told to explode" in values[1]
    assert b'"total":3' in values[2]


async def test_a_member_that_owns_nothing_is_ready_and_one_that_is_no_member_is_not(kafka):
    """An additional replica of a processor with one partition has nothing to recover."""
    settings = await own_topics(kafka, only=NEEDED)
    async with running_host(settings) as host:
        await within(30, lambda: _ready(host))
        host.assign(None)
        assert not host.ready
        host.assign(frozenset())
        await within(30, lambda: _ready(host))
        assert not host.partitions()


async def _ready(host: ProcessorHost) -> bool:
    return host.ready
