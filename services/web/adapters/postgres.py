"""Reads the projection, and gives values of ``core.rows``. It never writes."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar

import asyncpg

from contracts.projection import Selection
from contracts.scalars import Millis, to_datetime, to_millis
from contracts.states import ENDED, HOLDS_SLOT, State
from contracts.telemetry import LEVELS, Level
from services.web.adapters import row
from services.web.core.rows import (
    Counts,
    ExecutionRow,
    FlowRow,
    LogRow,
    MetricRow,
    TaskRunRow,
    TriggerRow,
    WorkerRow,
)
from services.web.core.search.condition import like_escaped
from services.web.core.search.query import InvalidFilter, InvalidPage, Leaf, Op, Query
from services.web.core.search.resource import DISTINCT, EXECUTIONS, FLOWS, LOGS, METRICS, TRIGGERS, Resource
from services.web.core.search.span import Aggregation, Span
from services.web.core.search.statement import Search, search
from services.web.core.view.usage import DayOfState
from toccata.runtime.errors import Transient
from toccata.runtime.postgres import Pool, named_queries

R = TypeVar("R")


class PostgresRows:
    """Searches raise ``InvalidQuery`` for a caller's mistake, and ``Transient`` if the database is away.

    A search gives the rows of its page and the number of all matches."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool
        columns = {
            name: getattr(row, name) for name in ("EXECUTION", "TASK_RUN", "LOG", "FLOW", "TRIGGER", "WORKER")
        }
        queries = named_queries("services.web.adapters", "sql/queries.sql")
        self._queries = {name: sql.format(**columns) for name, sql in queries.items()}

    async def get_execution(self, execution_id: str) -> ExecutionRow | None:
        """The execution with all its task runs, read at one moment."""
        if not _possible(execution_id):
            return None
        async with (
            self._connection() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            found = await connection.fetchrow(self._queries["execution"], execution_id)
            if found is None:
                return None
            runs = await connection.fetch(self._queries["task_runs"], execution_id, None, 0)
        return row.execution(found, tuple(row.task_run(run) for run in runs))

    async def children(self, execution_id: str) -> list[str]:
        """The ids of the executions that its task runs started, at most 1,000."""
        return [record["id"] for record in await self._fetch("children", execution_id)]

    async def existing_executions(self, ids: Sequence[str]) -> set[str]:
        """Those of these ids that exist, for bulk actions."""
        possible = [each for each in ids if _possible(each)]
        return {record["id"] for record in await self._fetch("existing_executions", possible)}

    async def search_executions(self, query: Query) -> tuple[list[ExecutionRow], int]:
        """Without task runs."""
        return await self._search(EXECUTIONS, query, row.EXECUTION, row.execution)

    async def task_runs(self, execution_id: str, limit: int = 10_000, offset: int = 0) -> list[TaskRunRow]:
        """In order of creation."""
        return [
            row.task_run(record) for record in await self._fetch("task_runs", execution_id, limit, offset)
        ]

    async def logs(
        self,
        execution_id: str,
        min_level: Level | None = None,
        task_run_id: str | None = None,
        task_id: str | None = None,
        attempt: int | None = None,
    ) -> list[LogRow]:
        """Lines by time, and in order within an attempt."""
        least = LEVELS.index(min_level) if min_level is not None else 0
        found = await self._fetch("logs", execution_id, least, task_run_id, task_id, attempt)
        return [row.log(record) for record in found]

    async def ended_executions(
        self, selection: Selection, states: Sequence[State], most: int, skipped: int
    ) -> list[str]:
        """Ids of executions that have ended, the oldest first, after as many as ``skipped`` says."""
        found = await self._fetch("ended_executions", *_selected(selection), _names(states), most, skipped)
        return [record[0] for record in found]

    async def count_logs(self, ids: Sequence[str]) -> int:
        return int((await self._fetch("count_logs", list(ids)))[0][0])

    async def count_metrics(self, ids: Sequence[str]) -> int:
        return int((await self._fetch("count_metrics", list(ids)))[0][0])

    async def log_sources(
        self, selection: Selection, levels: Sequence[Level] | None
    ) -> list[tuple[str, str, str, int]]:
        """Execution, namespace and flow of the selected lines, with the number of lines."""
        numbers = None if levels is None else [LEVELS.index(level) for level in levels]
        return [tuple(record) for record in await self._fetch("log_sources", *_selected(selection), numbers)]

    async def count_of_flows(
        self,
        flows: Sequence[tuple[str, str]],
        states: Sequence[State],
        after: Millis | None,
        before: Millis | None,
    ) -> list[tuple[str, str, int]]:
        """The number of executions of each of these flows, in their order. No states: all."""
        names = ([namespace for namespace, _ in flows], [flow_id for _, flow_id in flows])
        found = await self._fetch("count_of_flows", *names, _names(states), _at(after), _at(before))
        return [tuple(record) for record in found]

    async def count_of_namespaces(
        self, namespaces: Sequence[str], states: Sequence[State], after: Millis | None, before: Millis | None
    ) -> list[tuple[str, int]]:
        """The same for namespaces, without those below them."""
        found = await self._fetch(
            "count_of_namespaces", list(namespaces), _names(states), _at(after), _at(before)
        )
        return [tuple(record) for record in found]

    async def trigger_log_keys(self, namespace: str, flow_id: str, trigger_id: str) -> list[str]:
        """The execution ids under which a trigger of a flow wrote log lines."""
        return [record[0] for record in await self._fetch("trigger_log_keys", namespace, flow_id, trigger_id)]

    async def search_logs(self, query: Query) -> tuple[list[LogRow], int]:
        return await self._search(LOGS, query, row.LOG, row.log)

    async def metrics(
        self, execution_id: str, query: Query, task_run_id: str | None = None, task_id: str | None = None
    ) -> tuple[list[MetricRow], int]:
        """Metrics of one execution, by time unless ``query`` says otherwise."""
        fixed: list[tuple[str, object]] = [("execution_id", execution_id)]
        fixed += [("task_run_id", task_run_id)] if task_run_id is not None else []
        fixed += [("task_id", task_id)] if task_id is not None else []
        return await self._search(METRICS, query, row.METRIC, row.metric, tuple(fixed))

    async def get_flow(
        self, namespace: str, flow_id: str, revision: int | None = None, *, allow_deleted: bool = False
    ) -> FlowRow | None:
        """The given revision, or the latest."""
        if revision is None:
            found = await self._fetch("flow", namespace, flow_id, allow_deleted)
        elif not 0 <= revision < 2**31:
            return None
        else:
            found = await self._fetch("flow_revision", namespace, flow_id, revision, allow_deleted)
        return row.flow(found[0]) if found else None

    async def flow_revisions(self, namespace: str, flow_id: str) -> list[FlowRow]:
        """All revisions, ascending. If the flow was deleted, the last one is the deletion."""
        return [row.flow(record) for record in await self._fetch("flow_revisions", namespace, flow_id)]

    async def search_flows(self, query: Query) -> tuple[list[FlowRow], int]:
        """Latest revisions of flows that are not deleted."""
        return await self._search(FLOWS, query, row.FLOW, row.flow)

    async def search_flow_sources(
        self, text: str, namespace: str | None = None, page: int = 1, size: int = 10
    ) -> tuple[list[FlowRow], int]:
        """Flows whose source contains the text in upper or lower case. ``namespace`` includes the namespaces below it."""
        below = Leaf("namespace", Op.PREFIX, (namespace,)) if namespace else None
        query = search(FLOWS, Query(now=0, where=below, page=page, size=size))
        pattern = f"source ILIKE ${len(query.values) + 1}"
        wanted = Search(
            query.table,
            f"{query.where} AND {pattern}",
            query.order,
            query.limit,
            query.offset,
            (*query.values, f"%{like_escaped(text.replace(chr(0), ''))}%"),
        )
        return await self._found(wanted, row.FLOW, row.flow)

    async def distinct_namespaces(self, prefix: str = "") -> list[str]:
        """Namespaces that have flows and contain the text, ascending."""
        return [record[0] for record in await self._fetch("namespaces", prefix)]

    async def search_triggers(self, query: Query) -> tuple[list[TriggerRow], int]:
        return await self._search(TRIGGERS, query, row.TRIGGER, row.trigger)

    async def trigger(self, namespace: str, flow_id: str, trigger_id: str) -> TriggerRow | None:
        found = await self._fetch("trigger", namespace, flow_id, trigger_id)
        return row.trigger(found[0]) if found else None

    async def workers(self) -> list[WorkerRow]:
        return [row.worker(record) for record in await self._fetch("workers")]

    async def positions(self) -> dict[tuple[str, int], int]:
        """By topic and partition, the offset of the first record that is not projected yet."""
        return {(topic, partition): offset for topic, partition, offset in await self._fetch("positions")}

    async def slot_holders(self) -> dict[tuple[str, str], int]:
        """Numbers of executions that hold a slot of their flow's concurrency limit, by namespace and flow."""
        found = await self._fetch("slot_holders", sorted(state.value for state in HOLDS_SLOT))
        return {(namespace, flow_id): count for namespace, flow_id, count in found}

    async def metric_names(
        self, namespace: str, flow_id: str, task_id: str | None, since: datetime
    ) -> list[str]:
        """Names of the metrics of all tasks, or of the given one, ascending."""
        return [record[0] for record in await self._fetch("metric_names", namespace, flow_id, task_id, since)]

    async def metric_tasks(self, namespace: str, flow_id: str, since: datetime) -> list[str]:
        """Ids of tasks that reported metrics, ascending."""
        return [record[0] for record in await self._fetch("metric_tasks", namespace, flow_id, since)]

    async def metric_series(
        self, metric: tuple[str, str, str | None, str], span: Span, aggregation: Aggregation
    ) -> list[tuple[Millis, float]]:
        """The beginning and the value of each part of the span, ascending. ``metric`` is namespace, flow, task (None for all) and name."""
        between = (to_datetime(span.first), to_datetime(span.last))
        found = await self._fetch("metric_series", *metric, *between, span.part, aggregation)
        return [(to_millis(at), value) for at, value in found]

    async def daily_executions(self, since: datetime) -> list[DayOfState]:
        """Numbers of executions by the day (UTC) on which they began, and by state."""
        found = await self._fetch("daily_executions", since)
        return [
            DayOfState(to_millis(day), State(state), *numbers) for day, state, *numbers in map(tuple, found)
        ]

    async def average_duration(self, namespace: str, flow_id: str, last: int) -> tuple[float | None, int]:
        """The average milliseconds of the last executions that ended, and their number."""
        found = await self._fetch("average_duration", namespace, flow_id, last)
        return (found[0][0], found[0][1]) if found else (None, 0)

    async def distinct_execution_values(self, field: str, query: Query) -> list[str]:
        """Values of a field in ``DISTINCT``, ascending. At most the query's size."""
        wanted = search(EXECUTIONS, query)
        async with self._refusing(), self._connection() as connection:
            found = await connection.fetch(wanted.distinct(DISTINCT[field]), *wanted.values)
        return [record[0] for record in found]

    async def open_counts(self, most: int) -> dict[tuple[str, str, State], int]:
        """Numbers of executions that have not ended, by namespace, flow and state. Looks at ``most`` executions at most."""
        states = [state.value for state in State if state not in ENDED]
        found = await self._fetch("open_counts", states, most)
        return {(namespace, flow_id, State(state)): count for namespace, flow_id, state, count in found}

    async def counts(self) -> Counts:
        flows, triggers = await self._fetch("flow_count"), await self._fetch("trigger_count")
        states = {State(name): count for name, count in await self._fetch("state_counts")}
        return Counts(flows[0][0], triggers[0][0], states)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[asyncpg.pool.PoolConnectionProxy]:
        try:
            async with self._pool.connection() as connection:
                yield connection
        except (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError) as error:
            raise Transient("the projection has no schema yet: is the indexer running?") from error

    async def _fetch(self, query: str, *arguments: object) -> list[asyncpg.Record]:
        if not all(_possible(value) for value in arguments if isinstance(value, str)):
            return []
        async with self._connection() as connection:
            return await connection.fetch(self._queries[query], *arguments)

    async def _search(
        self,
        resource: Resource,
        query: Query,
        columns: str,
        row_of: Callable[[asyncpg.Record], R],
        fixed: tuple[tuple[str, object], ...] = (),
    ) -> tuple[list[R], int]:
        return await self._found(search(resource, query, fixed), columns, row_of)

    async def _found(
        self, wanted: Search, columns: str, row_of: Callable[[asyncpg.Record], R]
    ) -> tuple[list[R], int]:
        async with self._refusing(), self._connection() as connection:
            records = await connection.fetch(wanted.rows(columns), *wanted.values)
            if len(records) < wanted.limit and (records or not wanted.offset):
                total = wanted.offset + len(records)  # the last page shows the total
            else:
                total = await connection.fetchval(wanted.count(), *wanted.values)
        return [row_of(record) for record in records], int(total)

    @asynccontextmanager
    async def _refusing(self) -> AsyncIterator[None]:
        """Turns mistakes of the caller that only PostgreSQL finds into InvalidQuery."""
        try:
            yield
        except asyncpg.InvalidRegularExpressionError as error:
            raise InvalidFilter("REGEX", f"not a regular expression: {error}") from error
        except asyncpg.DataError as error:
            raise InvalidPage(f"a value of the query is out of bounds: {error}") from error


def _names(states: Sequence[State]) -> list[str] | None:
    return [state.value for state in states] or None


def _at(instant: Millis | None) -> datetime | None:
    return None if instant is None else to_datetime(instant)


def _selected(selection: Selection) -> tuple[object, ...]:
    return (selection.namespace, selection.flow_id, _at(selection.after), _at(selection.before))


def _possible(text: str) -> bool:
    """False for a text with NUL: no row contains it, and PostgreSQL refuses it."""
    return "\x00" not in text
