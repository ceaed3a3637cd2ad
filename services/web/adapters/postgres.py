"""Reads of the projection. Everything it gives is a value of ``core.rows``; it writes nothing, ever."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg

from contracts.telemetry import Level
from services.web.core.query import Query
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


class PostgresRows:
    """Searches raise ``core.query.InvalidQuery`` for what the caller got wrong, ``Transient`` when the database is away.

    A search gives the rows of its page and how many match in all."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def get_execution(self, execution_id: str) -> ExecutionRow | None:
        """With all its task runs."""
        raise NotImplementedError

    async def search_executions(self, query: Query) -> tuple[list[ExecutionRow], int]:
        """Without task runs."""
        raise NotImplementedError

    async def task_runs(self, execution_id: str, limit: int = 10_000, offset: int = 0) -> list[TaskRunRow]:
        raise NotImplementedError

    async def logs(
        self,
        execution_id: str,
        min_level: Level | None = None,
        task_run_id: str | None = None,
        task_id: str | None = None,
        attempt: int | None = None,
    ) -> list[LogRow]:
        """By time, and in order within an attempt."""
        raise NotImplementedError

    async def search_logs(self, query: Query) -> tuple[list[LogRow], int]:
        raise NotImplementedError

    async def metrics(
        self, execution_id: str, query: Query, task_run_id: str | None = None, task_id: str | None = None
    ) -> tuple[list[MetricRow], int]:
        """Of ``query`` the sort and the page count."""
        raise NotImplementedError

    async def get_flow(
        self, namespace: str, flow_id: str, revision: int | None = None, *, allow_deleted: bool = False
    ) -> FlowRow | None:
        """The latest revision, or that one."""
        raise NotImplementedError

    async def flow_revisions(self, namespace: str, flow_id: str) -> list[FlowRow]:
        """Ascending, with the deleting one if it was deleted."""
        raise NotImplementedError

    async def search_flows(self, query: Query) -> tuple[list[FlowRow], int]:
        """Latest revisions of flows that are not deleted."""
        raise NotImplementedError

    async def search_flow_sources(
        self, text: str, namespace: str | None = None, page: int = 1, size: int = 10
    ) -> tuple[list[FlowRow], int]:
        """Flows whose source contains the text, whatever its case; ``namespace`` is a prefix."""
        raise NotImplementedError

    async def distinct_namespaces(self, prefix: str = "") -> list[str]:
        """Namespaces that hold flows, ascending, whose name contains the text."""
        raise NotImplementedError

    async def search_triggers(self, query: Query) -> tuple[list[TriggerRow], int]:
        raise NotImplementedError

    async def trigger(self, namespace: str, flow_id: str, trigger_id: str) -> TriggerRow | None:
        raise NotImplementedError

    async def workers(self) -> list[WorkerRow]:
        raise NotImplementedError

    async def positions(self) -> dict[tuple[str, int], int]:
        """(topic, partition) to the offset of the first record that is not projected yet."""
        raise NotImplementedError

    async def counts(self) -> Counts:
        raise NotImplementedError

    async def existing_executions(self, ids: Sequence[str]) -> set[str]:
        """Which of these exist: for bulk actions."""
        raise NotImplementedError


class ProjectionWaiter:
    """Follows how far the projection has come, so that a read after a write can wait for it."""

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn

    async def start(self) -> None:
        """Listen, in the background; reconnects by itself."""
        raise NotImplementedError

    async def stop(self) -> None:
        raise NotImplementedError

    async def wait_for(self, topic: str, partition: int, offset: int, timeout: float) -> bool:  # noqa: ASYNC109 - an answer, not a cancellation
        """True once the record at ``offset`` is projected; False when ``timeout`` seconds passed first."""
        raise NotImplementedError
