"""The projection's rows in PostgreSQL. One connection holds the writer's lock and merges whole batches. If the lock is lost,
the connection is lost with it.

Commits do not wait for the disk. Offsets commit with their rows, so rows that a crash of the server loses are projected again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from itertools import chain
from typing import Any

import asyncpg
import orjson

from contracts.scalars import Millis
from services.indexer.adapters import table
from services.indexer.adapters.migration import migrate
from services.indexer.adapters.table import Table
from services.indexer.adapters.writer_lock import KEEPALIVE, wait_for_lock
from services.indexer.core.attempt import level_numbers
from services.indexer.core.change import Changes, Known, Wanted
from services.indexer.core.partition import Horizon, Month, horizon
from services.indexer.core.rows import (
    Values,
    execution_row,
    instant,
    instant_or_none,
    task_run_row,
    trigger_row,
    worker_row,
)
from services.indexer.ports import Unprojectable
from toccata.runtime.fetch import TopicPartition
from toccata.runtime.log import get_logger
from toccata.runtime.postgres import (
    PostgresSettings,
    close,
    connect,
    deadline,
    named_queries,
    outages,
)

log = get_logger()

_SERVER_SETTINGS = {"synchronous_commit": "off", **KEEPALIVE}
_REFUSED = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    asyncpg.ProgramLimitExceededError,
)
"""Errors that are caused by the rows."""


async def open_projection(
    settings: PostgresSettings,
    now: Callable[[], Millis],
    standing_by: Callable[[], None],
    *,
    has_claim: bool = False,
) -> PostgresProjection:
    """Connect, wait for the lock, and update the schema. Call ``standing_by`` if another indexer holds the lock."""
    connection = await connect(settings, "toccata-indexer", _SERVER_SETTINGS)
    try:
        async with outages():
            await wait_for_lock(connection, settings.query_seconds, standing_by, has_claim=has_claim)
            # No deadline, because the time of a migration grows with its tables. The lock is held meanwhile.
            for version in await migrate(connection):
                log.info("migration_applied", version=version)
            projection = PostgresProjection(connection, now, settings.write_seconds)
            with deadline(connection, settings.write_seconds):
                await projection.prepare()
    except BaseException:
        await close(connection)
        raise
    return projection


class PostgresProjection:
    """Anything that takes longer than ``write_seconds`` is an outage: the connection is cut, and the lock goes with it."""

    def __init__(
        self, connection: asyncpg.Connection, now: Callable[[], Millis], write_seconds: float
    ) -> None:
        self._connection = connection
        self._write_seconds = write_seconds
        self._now = now
        self._queries = named_queries("services.indexer.adapters", "sql/queries.sql")
        self._merges = {each.name: each.merge() for each in table.TABLES}
        self._horizon = horizon(now())
        self._months: set[Month] = set()

    async def prepare(self) -> None:
        for each in table.TABLES:
            await self._connection.execute(each.create_incoming())
        children = {row["child"] for row in await self._connection.fetch(self._queries["partitions"])}
        around = {self._horizon.present.after(count) for count in range(-240, 12)}
        self._months = {
            month
            for month in around
            if all(f"{each.name}_{month.suffix}" in children for each in table.PARTITIONED)
        }
        await self._ensure(self._horizon.always())

    async def offsets(self) -> dict[TopicPartition, int]:
        async with outages():
            with deadline(self._connection, self._write_seconds):
                rows = await self._connection.fetch(self._queries["offsets"])
        return {(topic, partition): offset for topic, partition, offset in rows}

    async def signs(self) -> str:
        async with outages():
            with deadline(self._connection, self._write_seconds):
                return await self._connection.fetchval(self._queries["signs"]) or ""

    async def sign(self, signs: str) -> None:
        async with outages():
            with deadline(self._connection, self._write_seconds):
                await self._connection.execute(self._queries["put_signs"], signs)

    async def load(self, wanted: Wanted, known: Known) -> None:
        try:
            with deadline(self._connection, self._write_seconds):
                await self._load(wanted, known)
        except _REFUSED as error:
            # No row can have such a key, for example one with the character NUL.
            raise Unprojectable(f"{type(error).__name__}: {error}") from error

    async def _load(self, wanted: Wanted, known: Known) -> None:
        async with outages():
            if wanted.executions:
                for row in await self._fetch("known_executions", list(wanted.executions)):
                    known.executions[row["id"]] = execution_row(tuple(row))
            if wanted.task_runs:
                for row in await self._fetch("known_task_runs", *_columns(wanted.task_runs)):
                    known.task_runs[row["execution_id"], row["id"]] = task_run_row(tuple(row))
            if wanted.triggers:
                for row in await self._fetch("known_triggers", *_columns(wanted.triggers)):
                    trigger = trigger_row(tuple(row))
                    known.triggers[trigger.namespace, trigger.flow_id, trigger.trigger_id] = trigger
            if wanted.workers:
                for row in await self._fetch("known_workers", *_columns(wanted.workers)):
                    worker = worker_row(tuple(row))
                    known.workers[worker.worker_group, worker.id] = worker

    async def write(
        self, changes: Changes, offsets: Mapping[TopicPartition, int], signs: str | None = None
    ) -> None:
        try:
            incoming = _incoming(changes)
            async with outages():
                with deadline(self._connection, self._write_seconds):
                    await self._ensure(self._missing(changes))
                    async with self._connection.transaction():
                        await self._remove(changes)
                        for each, rows in incoming:
                            await self._copy(each, rows)
                            await self._connection.execute(self._merges[each.name])
                        await self._put_offsets(offsets)
                        if signs is not None:
                            await self._connection.execute(self._queries["put_signs"], signs)
        except _REFUSED as error:
            raise Unprojectable(f"{type(error).__name__}: {error}") from error

    async def _copy(self, target: Table, rows: list[Values]) -> None:
        try:
            await self._connection.copy_records_to_table(
                target.incoming, records=rows, columns=target.columns
            )
        except (ValueError, TypeError, OverflowError) as error:
            # With these errors the client refuses to encode a value for its column.
            raise Unprojectable(f"table {target.name}: {error}") from error

    async def close(self) -> None:
        """Close the connection, which releases the lock."""
        await asyncio.shield(close(self._connection))

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        return await self._connection.fetch(self._queries[query], *arguments)

    async def _remove(self, changes: Changes) -> None:
        for query, ids in (
            ("remove_runs_of_executions", changes.removed_executions),
            ("remove_executions", changes.removed_executions),
            ("remove_metrics", changes.removed_metrics),
        ):
            if ids:
                await self._connection.execute(self._queries[query], list(ids))
        for each in changes.removed_logs:
            await self._connection.execute(
                self._queries["remove_logs"],
                each.execution_id,
                each.task_run_id,
                each.trigger_id,
                each.attempt,
                each.task_id,
                level_numbers(each),
                instant_or_none(each.after),
                instant_or_none(each.before),
                each.namespace,
                each.flow_id,
            )
        for query, keys in (
            ("remove_task_runs", changes.removed_task_runs),
            ("remove_triggers", changes.removed_triggers),
            ("remove_revisions", changes.removed_revisions),
        ):
            if keys:
                await self._connection.execute(self._queries[query], *_columns(keys))

    async def _put_offsets(self, offsets: Mapping[TopicPartition, int]) -> None:
        payload = orjson.dumps(
            {f"{topic}:{partition}": offset for (topic, partition), offset in offsets.items()}
        )
        topics, partitions = _columns(offsets)
        await self._connection.execute(
            self._queries["put_offsets"], topics, partitions, list(offsets.values()), payload.decode()
        )

    def _missing(self, changes: Changes) -> set[Month]:
        """Return the months of these rows that should have a partition but do not."""
        present = horizon(self._now())
        missing = set()
        if present != self._horizon:
            self._horizon = present
            missing = present.always()
        return (missing | self._horizon.on_demand(_times(changes, self._horizon))) - self._months

    async def _ensure(self, months: Iterable[Month]) -> None:
        """Create the partitions of these months. Move their rows there from the DEFAULT partition."""
        for month in sorted(set(months) - self._months):
            first, end = month.begins.isoformat(), month.after(1).begins.isoformat()
            async with self._connection.transaction():
                for each in table.PARTITIONED:
                    name = f"{each.name}_{month.suffix}"
                    await self._connection.execute(_partition(each, name, first, end))
            self._months.add(month)
            log.info("partition_created", month=month.suffix)


def _partition(each: Table, name: str, first: str, end: str) -> str:
    """Return statements that use ATTACH, because CREATE … PARTITION OF would lock readers out."""
    key = {"executions": "created_at", "task_runs": "execution_created_at"}.get(each.name, "at")
    inside = f"{key} >= '{first}' AND {key} < '{end}'"
    take = f"DELETE FROM {each.name}_default WHERE {inside} RETURNING *"  # noqa: S608 - constants
    statements = (
        f"CREATE TABLE IF NOT EXISTS {name} (LIKE {each.name} INCLUDING DEFAULTS)",
        f"WITH taken AS ({take}) INSERT INTO {name} TABLE taken",
        f"ALTER TABLE {each.name} ATTACH PARTITION {name} FOR VALUES FROM ('{first}') TO ('{end}')",
    )
    return ";".join(statements)


def _incoming(changes: Changes) -> list[tuple[Table, list[Values]]]:
    filled: list[tuple[Table, list[Values]]] = [
        (table.EXECUTIONS, [row.values() for row in changes.executions.values()]),
        (table.TASK_RUNS, [row.values() for row in changes.task_runs.values()]),
        (table.LOGS, list(chain.from_iterable(changes.logs.values()))),
        (table.METRICS, list(chain.from_iterable(changes.metrics.values()))),
        (table.FLOW_REVISIONS, list(changes.flow_revisions.values())),
        (table.FLOWS, list(changes.flows.values())),
        (table.TRIGGERS, [row.values() for row in changes.triggers.values()]),
        (table.WORKERS, [row.values() for row in changes.workers.values()]),
    ]
    return [(each, rows) for each, rows in filled if rows]


def _times(changes: Changes, around: Horizon) -> list[datetime]:
    """Return the times of rows outside the months that always exist. Usually there are none."""
    first, end = around.present.after(-1).begins, around.present.after(2).begins
    times = [instant(row.created_at) for row in changes.executions.values()]
    times += [row[5] for row in chain.from_iterable(changes.logs.values())]
    times += [row[4] for row in chain.from_iterable(changes.metrics.values())]
    return [at for at in times if not first <= at < end]


def _columns(keys: Iterable[tuple[Any, ...]]) -> tuple[list[Any], ...]:
    return tuple(list(column) for column in zip(*keys, strict=True))
