"""Changes become rows in a real PostgreSQL: guards, partitions, refused rows, one writer at a time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import asyncpg
import orjson
import pytest
from pydantic import SecretStr

from contracts.message import Message
from contracts.registry import FlowState
from contracts.trigger import TriggerDefined, TriggerRemoved
from contracts.work import WorkerAnnounced
from services.indexer.adapters import table
from services.indexer.adapters.migration import migrations
from services.indexer.adapters.postgres import PostgresProjection, open_projection
from services.indexer.core.change import Changes, Known
from services.indexer.core.project import project, wanted, wanted_task_runs
from services.indexer.core.rows import json_text
from services.indexer.ports import Unprojectable
from tests.unit.indexer.stories import T0, failed_retried_restarted, seen, two_logs, two_tasks
from toccata.runtime.errors import Fatal
from toccata.runtime.postgres import PostgresSettings

pytestmark = pytest.mark.servers
MONTH_MS = 31 * 86_400_000


@pytest.fixture
def settings(postgres: str) -> PostgresSettings:
    return PostgresSettings(url=SecretStr(postgres))


@asynccontextmanager
async def opened(settings: PostgresSettings, now: int = T0) -> AsyncIterator[PostgresProjection]:
    projection = await open_projection(settings, lambda: now, lambda: None)
    try:
        yield projection
    finally:
        await projection.close()


async def put(
    projection: PostgresProjection, messages: Sequence[Message], topic: str = "executions.events"
) -> Changes:
    batch = seen(messages, topic)
    known = Known()
    await projection.load(wanted(batch), known)
    await projection.load(wanted_task_runs(known, batch), known)
    changes = project(known, batch)
    await projection.write(changes, {(topic, 0): len(batch)})
    return changes


async def dump(settings: PostgresSettings, *names: str) -> dict[str, list[tuple[object, ...]]]:
    connection = await asyncpg.connect(settings.url.get_secret_value())
    try:
        return {
            name: sorted((tuple(row) for row in await connection.fetch(f"SELECT * FROM {name}")), key=repr)
            for name in names or [each.name for each in table.TABLES]
        }
    finally:
        await connection.close()


def run(body: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(60):
            await body()

    asyncio.run(bounded())


def test_rows_written_are_read_back_as_they_were(settings: PostgresSettings):
    async def body() -> None:
        async with opened(settings) as projection:
            written = await put(projection, [*two_tasks("e1"), *failed_retried_restarted("e2")])
            known = Known()
            await projection.load(wanted(seen(two_tasks("e1") + two_tasks("e2"))), known)
            touched = wanted_task_runs(Known(), seen(two_tasks("e1")[3:5] + two_tasks("e1")[6:]))
            await projection.load(touched, known)
            for row in known.executions.values():
                row.labels = json_text(orjson.loads(row.labels))  # jsonb writes blanks
            assert known.executions == written.executions
            assert known.task_runs == {key: row for key, row in written.task_runs.items() if key[0] == "e1"}
            assert await projection.offsets() == {("executions.events", 0): 24}

    run(body)


def test_any_batches_and_duplicates_give_byte_identical_rows(settings: PostgresSettings, postgres: str):
    async def body() -> None:
        events = failed_retried_restarted("e1")
        async with opened(settings) as projection:
            await put(projection, events)
            await put(projection, two_logs("e1"), "attempts.logs")
        whole = await dump(settings)
        async with opened(settings) as projection:
            await put(projection, events[3:9])
        assert await dump(settings) == whole

        connection = await asyncpg.connect(postgres)
        await connection.execute("TRUNCATE executions, task_runs, logs")
        await connection.close()
        async with opened(settings) as projection:
            for begin, end in ((0, 4), (4, 7), (2, 8), (8, 11), (11, 12), (9, 15)):
                await put(projection, events[begin:end])
            for _ in range(2):
                await put(projection, two_logs("e1"), "attempts.logs")
        assert await dump(settings) == whole

    run(body)


def test_a_lower_number_never_replaces_a_higher_one(settings: PostgresSettings):
    async def body() -> None:
        async with opened(settings) as projection:
            await put(projection, two_tasks("e1"))
            before = await dump(settings)
            stale = project(Known(), seen(two_tasks("e1")[:4]))
            await projection.write(stale, {("executions.events", 0): 4})
        assert await dump(settings) == before

    run(body)


def test_rows_of_other_months_get_partitions_and_absurd_times_the_default_one(settings: PostgresSettings):
    async def body() -> None:
        times = {
            "now": T0,
            "older": T0 - 4 * MONTH_MS,
            "ancient": T0 - 40 * MONTH_MS,
            "future": T0 + 3 * MONTH_MS,
        }
        async with opened(settings) as projection:
            for name, at in times.items():
                await put(projection, two_tasks(name, at))
        assert len((await dump(settings, "executions"))["executions"]) == 4
        assert {row[0] for row in (await dump(settings, "executions_default"))["executions_default"]} == {
            "ancient",
            "future",
        }

        async with opened(settings, times["future"]) as projection:
            rows = await dump(settings, "executions_default", "executions", "task_runs_default")
            assert {row[0] for row in rows["executions_default"]} == {"ancient"}
            assert {row[0] for row in rows["task_runs_default"]} == {"ancient"}
            assert len(rows["executions"]) == 4
            await put(projection, two_tasks("future", times["future"]))
        assert len((await dump(settings, "executions"))["executions"]) == 4

    run(body)


@pytest.mark.parametrize(
    "spoilt",
    [
        FlowState(namespace="n", flow_id="f\x00", revision=1, source="", at=T0, created_at=T0),
        FlowState(namespace="n", flow_id="f", revision=2**40, source="", at=T0, created_at=T0),
        FlowState(
            namespace="n" * 9000 + str(list(range(3000))),
            flow_id="f",
            revision=1,
            source="",
            at=T0,
            created_at=T0,
        ),
    ],
    ids=["NUL", "integer too big", "key too long"],
)
def test_what_no_row_can_hold_is_refused_and_the_connection_goes_on(
    settings: PostgresSettings, spoilt: FlowState
):
    async def body() -> None:
        async with opened(settings) as projection:
            with pytest.raises(Unprojectable):
                await put(projection, [spoilt], "flows.state")
            await put(projection, two_tasks("e1"))
            assert ("flows.state", 0) not in await projection.offsets()

    run(body)


def test_a_flow_a_trigger_and_a_worker_are_rows_until_they_are_removed(settings: PostgresSettings):
    async def body() -> None:
        flow = FlowState(namespace="n", flow_id="f", revision=1, source="id: f", at=T0, created_at=T0)
        defined = TriggerDefined(
            namespace="n",
            flow_id="f",
            trigger_id="t",
            at=T0,
            revision=1,
            trigger_type="S",
            definition={},
            disabled=False,
        )
        worker = WorkerAnnounced(group="g", worker_id="w", inbox=1, slots=2, at=T0)
        async with opened(settings) as projection:
            await put(projection, [flow], "flows.state")
            await put(projection, [defined], "triggers.events")
            await put(projection, [worker], "workers.events")
            rows = await dump(settings)
            assert [len(rows[name]) for name in ("flows", "flow_revisions", "triggers", "workers")] == [
                1,
                1,
                1,
                1,
            ]
            removed = TriggerRemoved(namespace="n", flow_id="f", trigger_id="t", at=T0)
            await put(projection, [defined, removed], "triggers.events")
            assert not (await dump(settings, "triggers"))["triggers"]

    run(body)


def test_a_second_writer_waits_until_the_first_is_gone(settings: PostgresSettings):
    async def body() -> None:
        standing_by = asyncio.Event()
        async with opened(settings):
            second = asyncio.ensure_future(open_projection(settings, lambda: T0, standing_by.set))
            await standing_by.wait()
            assert not second.done()
        projection = await second
        await put(projection, two_tasks("e1"))
        await projection.close()

    run(body)


def test_a_changed_or_unknown_migration_stops_the_indexer(settings: PostgresSettings, postgres: str):
    async def body() -> None:
        async with opened(settings):
            pass
        connection = await asyncpg.connect(postgres)
        assert [
            row[0] for row in await connection.fetch("SELECT version FROM projection_migrations")
        ] == list(migrations())
        await connection.execute("INSERT INTO projection_migrations VALUES (999, 'x', 'y')")
        with pytest.raises(Fatal, match="newer"):
            await open_projection(settings, lambda: T0, lambda: None)
        await connection.execute("DELETE FROM projection_migrations WHERE version = 999")
        await connection.execute("UPDATE projection_migrations SET checksum = 'other'")
        with pytest.raises(Fatal, match="changed"):
            await open_projection(settings, lambda: T0, lambda: None)
        await connection.close()

    run(body)
