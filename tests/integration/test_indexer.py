"""The indexer on a real Kafka and a real PostgreSQL: restarts, duplicates, garbage, rebuild, positions for web."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import asyncpg
import pytest
from pydantic import SecretStr

from contracts.codec import encode
from contracts.execution import ExecutionEvent
from contracts.message import Message
from contracts.topics import TOPICS
from services.indexer.adapters import table
from services.indexer.adapters.writer_lock import InUse, claimed_projection
from services.indexer.compose import composed
from services.indexer.rebuild import HistoryGone, rebuild
from services.indexer.settings import IndexerSettings
from services.indexer.shell import Indexer
from services.web.adapters.projection import ProjectionWaiter
from tests.unit.indexer.stories import failed_retried_restarted, two_logs, two_tasks
from toccata.runtime.dead_letter import decode_dead_letter
from toccata.runtime.fetch import Reader
from toccata.runtime.kafka import Producer, Record, partition_of
from toccata.runtime.metrics import MetricsPage
from toccata.runtime.postgres import PostgresSettings
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.topic_admin import ensure_topics

pytestmark = pytest.mark.servers


class World:
    """Its own topics, its own database, and a producer."""

    def __init__(self, settings: IndexerSettings) -> None:
        self.settings = settings
        self.producer = Producer(settings.kafka, "test")
        self.ends: dict[tuple[str, int], int] = {}

    async def publish(self, topic: str, key: str, *values: Message | bytes) -> tuple[str, int, int]:
        """Publish values, and return the coordinates of the last one."""
        records = [Record(key.encode(), v if isinstance(v, bytes) else encode(v)) for v in values]
        await self.producer.send(topic, records)
        partition = partition_of(key.encode(), TOPICS[topic].partitions)
        end = self.ends.get((topic, partition), 0) + len(values)
        self.ends[topic, partition] = end
        return topic, partition, end - 1

    async def publish_executions(
        self, names: Sequence[str], story: Callable[[str], list[ExecutionEvent]]
    ) -> None:
        for name in names:
            await self.publish("executions.events", name, *story(name))
            await self.publish("attempts.logs", name, *two_logs(name))

    @asynccontextmanager
    async def indexing(self) -> AsyncIterator[tuple[Indexer, MetricsPage]]:
        """Run an indexer, and drain it at the end."""
        stop = asyncio.Event()
        async with composed(self.settings) as (indexer, metrics), asyncio.TaskGroup() as group:
            group.create_task(indexer.run(stop))
            yield indexer, metrics
            stop.set()

    async def index_all(self) -> None:
        async with self.indexing() as (indexer, _):
            await indexer.reached(self.ends)

    async def dump(self, *names: str) -> dict[str, list[tuple[object, ...]]]:
        connection = await asyncpg.connect(self.settings.database.url.get_secret_value())
        try:
            return {
                name: sorted(
                    (tuple(row) for row in await connection.fetch(f"SELECT * FROM {name}")), key=repr
                )
                for name in names or [each.name for each in table.TABLES]
            }
        finally:
            await connection.close()

    async def execute(self, statement: str) -> None:
        connection = await asyncpg.connect(self.settings.database.url.get_secret_value())
        await connection.execute(statement)
        await connection.close()


@pytest.fixture
def run(kafka: str, postgres: str, topic_prefix: str) -> Callable[[Callable[[World], Awaitable[None]]], None]:
    settings = IndexerSettings(
        kafka=KafkaSettings(bootstrap_servers=kafka, topic_prefix=topic_prefix),
        database=PostgresSettings(url=SecretStr(postgres)),
    )

    async def bounded(body: Callable[[World], Awaitable[None]]) -> None:
        async with asyncio.timeout(100):
            await ensure_topics(settings.kafka)
            world = World(settings)
            try:
                await body(world)
            finally:
                await world.producer.stop()

    def go(body: Callable[[World], Awaitable[None]]) -> None:
        asyncio.run(bounded(body))

    return go


Run = Callable[[Callable[[World], Awaitable[None]]], None]
NAMES = [f"e{number}" for number in range(20)]


def test_events_become_rows_and_a_restart_goes_on_where_the_rows_end(run: Run):
    async def body(world: World) -> None:
        await world.publish_executions(NAMES[:10], two_tasks)
        await world.index_all()
        half = await world.dump("executions", "task_runs", "logs")
        assert [len(rows) for rows in half.values()] == [10, 20, 20]

        await world.publish_executions(NAMES[10:], failed_retried_restarted)
        async with world.indexing() as (indexer, metrics):
            await indexer.reached(world.ends)
            read = metrics.registry.get_sample_value(
                "toccata_indexer_records_total", {"topic": "executions.events"}
            )
        assert read == 10 * 15
        assert [len(rows) for rows in (await world.dump("executions", "task_runs", "logs")).values()] == [
            20,
            40,
            40,
        ]

    run(body)


def test_a_crash_between_batches_and_duplicates_leave_the_same_rows(run: Run):
    async def body(world: World) -> None:
        stories = {name: failed_retried_restarted(name) for name in NAMES}
        for begin, end in ((0, 5), (5, 8), (3, 10)):
            for name, events in stories.items():
                await world.publish("executions.events", name, *events[begin:end])
            task = asyncio.ensure_future(world.index_all())
            await task
        async with composed(world.settings) as (indexer, _):
            for name, events in stories.items():
                await world.publish("executions.events", name, *events[8:])
            crashing = asyncio.ensure_future(indexer.run(asyncio.Event()))
            some = dict(list(world.ends.items())[:1])
            await indexer.reached(some)
            crashing.cancel()
            await asyncio.wait({crashing})
        await world.index_all()
        once = await world.dump()

        for name, events in stories.items():
            await world.publish("executions.events", name, *events)
        await world.index_all()
        assert await world.dump() == once
        assert len(once["executions"]) == len(NAMES)

    run(body)


def test_losing_the_database_session_loses_and_doubles_nothing(run: Run):
    async def body(world: World) -> None:
        await world.publish_executions(NAMES[:5], two_tasks)
        async with world.indexing() as (indexer, _):
            await indexer.reached(world.ends)
            await world.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'toccata-indexer' AND datname = current_database()"
            )
            await world.publish_executions(NAMES[5:], two_tasks)
            await indexer.reached(world.ends)
        assert [len(rows) for rows in (await world.dump("executions", "task_runs", "logs")).values()] == [
            20,
            40,
            40,
        ]

    run(body)


def test_a_rebuild_gives_the_same_rows(run: Run):
    async def body(world: World) -> None:
        await world.publish_executions(NAMES[:10], two_tasks)
        await world.index_all()
        await world.publish_executions(NAMES[10:], failed_retried_restarted)
        await world.index_all()
        before = await world.dump()
        await world.execute("UPDATE executions SET state = 'SPOILT', seq = 1000; DELETE FROM logs")

        records = await rebuild(world.settings)

        assert records == sum(world.ends.values())
        assert await world.dump() == before

        await world.execute("TRUNCATE executions")
        environment = {
            **os.environ,
            "TOCCATA_DATABASE_URL": world.settings.database.url.get_secret_value(),
            "TOCCATA_KAFKA_BOOTSTRAP_SERVERS": world.settings.kafka.bootstrap_servers,
            "TOCCATA_KAFKA_TOPIC_PREFIX": world.settings.kafka.topic_prefix,
        }
        command = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.indexer.rebuild", env=environment, stdout=asyncio.subprocess.PIPE
        )
        said, _ = await command.communicate()
        assert (command.returncode, said.decode()) == (
            0,
            f"The projection was rebuilt from {records} records.\n",
        )
        assert await world.dump() == before

    run(body)


def test_a_rebuild_makes_a_running_indexer_stand_by_and_then_go_on(run: Run):
    async def body(world: World) -> None:
        await world.publish_executions(NAMES[:3], two_tasks)
        async with world.indexing() as (indexer, _):
            await indexer.reached(world.ends)
            before = await world.dump()
            await world.execute("UPDATE executions SET state = 'SPOILT', seq = 1000")
            await rebuild(world.settings)
            assert await world.dump() == before
            await world.publish_executions(NAMES[3:4], two_tasks)
            await indexer.reached(world.ends)
        assert len((await world.dump("executions"))["executions"]) == 4

    run(body)


def test_only_one_rebuild_runs_at_a_time(run: Run):
    async def body(world: World) -> None:
        async with claimed_projection(world.settings.database):
            with pytest.raises(InUse, match="another rebuild"):
                await rebuild(world.settings)

    run(body)


def test_a_rebuild_refuses_when_history_is_gone(run: Run):
    async def body(world: World) -> None:
        await world.publish_executions(NAMES[:3], two_tasks)
        await world.index_all()
        before = await world.dump()

        topic, partition, last = await world.publish("executions.events", NAMES[0], *two_tasks(NAMES[0]))
        await _delete_before(world.settings.kafka, topic, partition, last)
        with pytest.raises(HistoryGone) as refused:
            await rebuild(world.settings)
        assert set(refused.value.partitions) == {(topic, partition)}
        assert await world.dump() == before

        await rebuild(world.settings, accept_loss=True)
        left = {row[0] for row in (await world.dump("executions"))["executions"]}
        assert NAMES[0] not in left
        assert left == {
            name for name in NAMES[:3] if partition_of(name.encode(), TOPICS[topic].partitions) != partition
        }

    run(body)


def test_records_that_retention_took_are_counted_and_the_rest_is_projected(run: Run):
    async def body(world: World) -> None:
        topic, partition, _ = await world.publish("executions.events", "e1", *two_tasks("e1")[:4])
        await world.index_all()
        *_, last = await world.publish("executions.events", "e1", *two_tasks("e1")[4:8])
        await _delete_before(world.settings.kafka, topic, partition, last + 1)
        await world.publish("executions.events", "e1", two_tasks("e1")[8])

        async with world.indexing() as (indexer, metrics):
            await indexer.reached(world.ends)
            lost = metrics.registry.get_sample_value("toccata_indexer_lost_records_total", {"topic": topic})
        assert lost == 4
        ((row),) = (await world.dump("executions"))["executions"]
        assert "SUCCESS" in row

    run(body)


def test_garbage_becomes_dead_letters_with_coordinates_and_the_next_good_one_is_a_row(run: Run):
    async def body(world: World) -> None:
        wrong_version = b'{"type":"execution.created.v99","execution_id":"e","seq":1,"at":1}'
        too_big = encode(two_tasks("e9")[0]).replace(b'"revision":3', b'"revision":4294967296')
        good = [encode(event) for event in two_tasks("e1")]
        for value in (b"garbage", wrong_version, b"", too_big):
            await world.publish("executions.events", "e1", value)
        topic, partition, last = await world.publish("executions.events", "e1", *good)
        await world.publish("attempts.logs", "e1", b"\xff\xfe", encode(two_logs("e1")[0]))
        await world.publish("workers.events", "g", b"{}")
        await world.index_all()

        letters = [decode_dead_letter(value) for value in await _read_all(world.settings.kafka, "dead", 0)]
        # The one at offset 1 is of a newer version, which is passed over and counted.
        assert {(d.topic, d.partition, d.offset) for d in letters if d.topic == topic} == {
            (topic, partition, offset) for offset in (0, 2, 3)
        }
        assert {d.topic for d in letters} == {topic, "attempts.logs", "workers.events"}
        assert all(d.reason for d in letters)
        rows = await world.dump("executions", "logs")
        assert [row[0] for row in rows["executions"]] == ["e1"]
        assert len(rows["logs"]) == 1
        assert last == 12

    run(body)


def test_web_can_wait_for_the_position_of_its_own_write(run: Run, postgres: str):
    async def body(world: World) -> None:
        waiter = ProjectionWaiter(PostgresSettings(url=SecretStr(postgres)))
        async with world.indexing() as (indexer, _):
            await world.publish("executions.events", "e0", *two_tasks("e0"))
            await indexer.reached(world.ends)
            await waiter.start()
            written = await world.publish("executions.events", "e1", *two_tasks("e1"))
            assert await waiter.wait_for(*written, timeout=30)
            assert "e1" in {row[0] for row in (await world.dump("executions"))["executions"]}
            topic, partition, last = written
            assert await waiter.wait_for(topic, partition, 0, timeout=30)
            assert not await waiter.wait_for(topic, partition, last + 1, timeout=0.05)

            await world.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE application_name = 'toccata-web-waiter' AND datname = current_database()"
            )
            again = await world.publish("executions.events", "e2", *two_tasks("e2"))
            assert await waiter.wait_for(*again, timeout=30)
        await waiter.stop()

    run(body)


def test_others_see_the_progress_in_a_consumer_group(run: Run):
    async def body(world: World) -> None:
        await world.publish_executions(NAMES[:5], two_tasks)
        await world.index_all()
        assert await _committed(world.settings.kafka, world.settings.kafka.topic_prefix + "indexer") == {
            (world.settings.kafka.topic_prefix + topic, partition): end
            for (topic, partition), end in world.ends.items()
        }

    run(body)


async def _delete_before(settings: KafkaSettings, topic: str, partition: int, offset: int) -> None:
    from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete
    from aiokafka.structs import TopicPartition

    admin = AIOKafkaAdminClient(**settings.client_options())
    await admin.start()
    try:
        name = TopicPartition(settings.topic_prefix + topic, partition)
        await admin.delete_records({name: RecordsToDelete(before_offset=offset)})
    finally:
        await admin.close()


async def _committed(settings: KafkaSettings, group: str) -> dict[tuple[str, int], int]:
    from aiokafka.admin import AIOKafkaAdminClient

    admin = AIOKafkaAdminClient(**settings.client_options())
    await admin.start()
    try:
        found = await admin.list_consumer_group_offsets(group)
        return {
            (at.topic, at.partition): meta.offset
            for at, meta in found.items()
            if at.topic.startswith(settings.topic_prefix)
        }
    finally:
        await admin.close()


async def _read_all(settings: KafkaSettings, topic: str, partition: int) -> list[bytes]:
    reader = Reader(settings, "test-reader")
    try:
        end = (await reader.end_offsets([(topic, partition)]))[topic, partition]
        await reader.assign({(topic, partition): "earliest"})
        values: list[bytes] = []
        while reader.position(topic, partition) < end:
            for records in (await reader.poll(500)).values():
                values += [record.value or b"" for record in records]
        return values
    finally:
        await reader.stop()
