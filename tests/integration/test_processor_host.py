"""The processor runtime on a real broker: recovery, hand-over, back-off, snapshots."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from contracts import codec
from contracts.topics import TOPICS
from tests.support.counter import SOURCES, Add, Added, CounterMachine
from tests.support.system import within
from tests.support.topics import own_topics
from toccata.runtime.fetch import Reader
from toccata.runtime.kafka import Producer, Record, partition_of
from toccata.runtime.metrics import MetricsPage
from toccata.runtime.processor.host import ProcessorHost
from toccata.runtime.processor.kafka_log import KafkaLog
from toccata.runtime.processor.membership import Membership
from toccata.runtime.processor.metrics import ProcessorMetrics
from toccata.runtime.processor.ports import Ports
from toccata.runtime.processor.spec import ProcessorSpec
from toccata.runtime.settings import KafkaSettings, ProcessorSettings
from toccata.runtime.topic_admin import check_topics, ensure_topics

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
async def running_host(
    settings: KafkaSettings, *, membership: str | None = None, processing: ProcessorSettings | None = None
):
    outbox = Producer(settings, "test-outbox")
    log = KafkaLog(settings, "test")
    page = ProcessorMetrics(MetricsPage("test"))
    host = ProcessorHost(SPEC, Ports(log, outbox), page, processing or ProcessorSettings())
    task = asyncio.ensure_future(host.run())
    member = None
    if membership is None:
        host.assign(frozenset(range(TOPICS["triggers.commands"].partitions)))
    else:
        member = Membership(
            settings, ["triggers"], membership, lambda _, owned: host.assign(owned), static=True
        )
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
        await log.stop()


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


async def journal_range(settings: KafkaSettings) -> tuple[int, int]:
    """The first and the next offset of the journal of the counter that these tests add to."""
    at = ("triggers.journal", partition_of(b"s", 8))
    reader = Reader(settings, "test-journal")
    begin, end = await reader.beginning_offsets([at]), await reader.end_offsets([at])
    await reader.stop()
    return begin[at], end[at]


async def delete_journal(settings: KafkaSettings) -> None:
    """Remove all records, as retention does."""
    log = KafkaLog(settings, "test-retention")
    await log.truncate("triggers.journal", partition_of(b"s", 8), (await journal_range(settings))[1])
    await log.stop()


async def test_a_partition_that_always_owes_something_takes_snapshots_and_cuts_its_journal(kafka):
    """Snapshots once waited for a moment without owed records, which a steady load never has."""
    settings = await own_topics(kafka, NEEDED)
    async with running_host(settings, processing=ProcessorSettings(snapshot_records=20)):
        for n in range(12):
            await add(settings, *(Add(name="s", amount=1) for _ in range(10)))
            await published(settings, 10 * (n + 1))
        await within(30, lambda: _is_cut(settings))
    async with running_host(settings):
        await add(settings, Add(name="s", amount=1))
        events = await published(settings, 121)

    assert max(e.total for e in events) == 121


async def _is_cut(settings: KafkaSettings) -> bool:
    return (await journal_range(settings))[0] > 0


async def test_a_stop_takes_a_snapshot_of_what_was_replayed_too(kafka):
    """Two stops make two snapshots. The journal is cut below the first."""
    settings = await own_topics(kafka, NEEDED)
    for n in range(1, 3):
        async with running_host(settings):
            await add(settings, Add(name="s", amount=1))
            await published(settings, n)

    assert (await journal_range(settings))[0] > 0


async def test_a_journal_that_expired_stops_its_partition_alone_and_never_begins_empty(kafka):
    """State was silently rolled back, and revisions were given twice."""
    settings = await own_topics(kafka, NEEDED)
    number = partition_of(b"s", 8)
    never = ProcessorSettings(snapshot_records=10**9, snapshot_seconds=10**9)
    async with killed_host(settings, never):
        await add(settings, Add(name="s", amount=5))
        await published(settings, 1)
    await delete_journal(settings)

    async with running_host(settings) as host:
        await within(30, lambda: _answers(host.stopped()))
        await add(settings, Add(name="other", amount=1))
        others = await published(settings, 2)
        reason = host.stopped()[number]

        assert not host.ready
        assert list(host.stopped()) == [number]
        assert f"triggers/{number}: its journal is empty up to offset" in reason
    assert {event.name for event in others} == {"s", "other"}

    begin, _ = await journal_range(settings)
    accepting = ProcessorSettings(accept_loss=f"triggers/{number}@{begin}")
    async with running_host(settings, processing=accepting) as host:
        await within(30, lambda: _ready(host))
        await add(settings, Add(name="s", amount=7))
        events = await published(settings, 3)
    # The first 5 is from before the loss. It is not decided again.
    assert sorted(e.total for e in events if e.name == "s") == [5, 7]
    async with running_host(settings) as host:
        await within(30, lambda: _ready(host))


async def _answers(value: object) -> bool:
    return bool(value)


@asynccontextmanager
async def killed_host(settings: KafkaSettings, processing: ProcessorSettings):
    """A host that ends without a mark and without a snapshot, as after SIGKILL."""
    outbox, log = Producer(settings, "test-outbox"), KafkaLog(settings, "test")
    host = ProcessorHost(SPEC, Ports(log, outbox), ProcessorMetrics(MetricsPage("test")), processing)
    task = asyncio.ensure_future(host.run())
    host.assign(frozenset(range(8)))
    yield host
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    for reader in host._readers:
        await reader.stop()
    await host._journal.stop()
    await outbox.stop()
    await log.stop()


@pytest.mark.parametrize(
    ("topic", "wrong", "right", "own"),
    [
        ("triggers.journal", ("retention.ms", "604800000"), "-1", ("segment.ms", "1800000")),
        (
            "triggers.commands",
            ("message.timestamp.type", "CreateTime"),
            "LogAppendTime",
            ("retention.ms", "1800000"),
        ),
    ],
    ids=["a journal with a retention by time", "the time of writers"],
)
async def test_wrong_settings_of_existing_topics_are_set_right_and_others_stay(
    kafka, topic, wrong, right, own
):
    settings = await own_topics(kafka, NEEDED)
    name = settings.topic_prefix + topic
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, dict([wrong, own]))])
    # The broker answers before the change is seen everywhere.
    problem = f"topic {name} has {wrong[0]}={wrong[1]}, expected {right}"
    await within(30, lambda: _holds(settings, problem))

    changed = await ensure_topics(settings, only=NEEDED)

    assert changed == [name]
    await within(30, lambda: _has(admin, name, {wrong[0]: right, own[0]: own[1]}))
    await admin.close()
    assert await ensure_topics(settings, only=NEEDED) == []


async def _holds(settings: KafkaSettings, problem: str) -> bool:
    return problem in await check_topics(settings)


async def _has(admin: AIOKafkaAdminClient, name: str, expected: dict[str, str]) -> bool:
    (response,) = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name)])
    values = {entry[0]: entry[1] for entry in response.resources[0][4]}
    return values.items() >= expected.items()


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
