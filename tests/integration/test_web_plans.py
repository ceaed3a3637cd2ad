"""Queries that must be fast use indexes: those of web, and those of the indexer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import asyncpg
import pytest
from pydantic import SecretStr

from contracts.scalars import to_iso
from services.indexer.adapters.postgres import open_projection
from services.web.adapters.postgres import PostgresRows
from services.web.core.search.query import Group, Leaf, Op, Query, Sort
from services.web.core.search.resource import EXECUTIONS, LOGS
from services.web.core.search.statement import search
from tests.support.filled_rows import HOUR
from tests.unit.indexer.stories import T0
from toccata.runtime.postgres import PostgresSettings

pytestmark = pytest.mark.servers


@pytest.fixture
def explain(postgres: str) -> Callable[..., str]:
    """Return the server's plan of a statement over 60,000 executions of several months."""
    settings = PostgresSettings(url=SecretStr(postgres))

    async def filled() -> None:
        projection = await open_projection(settings, lambda: T0, lambda: None)
        await projection.close()
        connection = await asyncpg.connect(postgres)
        await connection.execute(
            """
            INSERT INTO executions
            SELECT 'e' || n, to_timestamp($T0 / 1000.0) - n * interval '1 minute', 9, 'ns' || n % 50, 'f' || n % 500, 1,
                   CASE WHEN n % 100 = 0 THEN 'FAILED' ELSE 'SUCCESS' END, now(), '[]',
                   jsonb_build_array(jsonb_build_object('key', 'k', 'value', n::text)), '{}', '{}', NULL, NULL, NULL,
                   CASE WHEN n % 1000 = 0 THEN 'p' || n END, NULL, NULL, 'NORMAL', 1, '', NULL, NULL, NULL
            FROM generate_series(1, 60000) AS n;
            INSERT INTO task_runs
            SELECT 'e' || n, 'r' || n, to_timestamp($T0 / 1000.0) - n * interval '1 minute', 9, 1, 't', NULL, NULL, NULL,
                   'SUCCESS', '[]', '[]', '{}', NULL, ''
            FROM generate_series(1, 60000) AS n;
            INSERT INTO logs
            SELECT 'e' || n, 'r' || n, '', 1, 0, to_timestamp($T0 / 1000.0) - n * interval '1 minute', n % 5, 'ns', 'f',
                   't', 'hello'
            FROM generate_series(1, 60000) AS n;
            ANALYZE executions; ANALYZE task_runs; ANALYZE logs;
            """.replace("$T0", str(T0))
        )
        await connection.close()

    async def plan(statement: str, *values: object) -> str:
        connection = await asyncpg.connect(postgres)
        try:
            # As after a few calls of a prepared statement, the plan knows no values.
            await connection.execute("SET plan_cache_mode = force_generic_plan")
            await connection.execute(f"PREPARE hot AS {statement}")
            arguments = ", ".join(
                "NULL" if v is None else f"ARRAY{v}" if isinstance(v, list) else f"'{v}'" for v in values
            )
            lines = await connection.fetch(f"EXPLAIN EXECUTE hot{f'({arguments})' if values else ''}")
            return "\n".join(line[0] for line in lines)
        finally:
            await connection.close()

    asyncio.run(filled())
    return lambda statement, *values: asyncio.run(plan(statement, *values))


def assert_indexed(plan: str) -> None:
    """Only empty partitions may be read as a whole."""
    assert "Index" in plan, plan
    for line in plan.splitlines():
        assert "Seq Scan" not in line or "_default" in line or "_2026_10" in line, plan


def test_hot_queries_use_indexes(explain: Callable[..., str], postgres: str):
    rows = PostgresRows(None)  # type: ignore[arg-type]  # the test needs only its statements
    statements = rows._queries
    found = [
        explain(statements["execution"], "e77"),
        explain(statements["task_runs"], "e77", 100, 0),
        explain(statements["logs"], "e77", 0, None, None, None),
        explain(statements["existing_executions"], ["e1", "e2"]),
    ]
    leaves = [
        None,
        Leaf("namespace", Op.EQUALS, ("ns7",)),
        Leaf("namespace", Op.PREFIX, ("ns7",)),
        Leaf("state", Op.EQUALS, ("FAILED",)),
        Leaf("labels", Op.EQUALS, ("77",), "k"),
        Leaf("parentId", Op.EQUALS, ("p1000",)),
        Leaf("id", Op.IN, ("e1", "e2")),
        Leaf("timeRange", Op.EQUALS, ("PT1H",)),
        Leaf("startDate", Op.GREATER_THAN, (to_iso(T0 - HOUR),)),
        Group("and", (Leaf("namespace", Op.EQUALS, ("ns7",)), Leaf("flowId", Op.EQUALS, ("f7",)))),
    ]
    for leaf in leaves:
        wanted = search(EXECUTIONS, Query(T0, leaf, sort=(Sort("state.startDate", descending=True),)))
        found.append(explain(wanted.rows("id, created_at"), *wanted.values))
    logs = search(LOGS, Query(T0))
    found.append(explain(logs.rows("message"), *logs.values))
    for plan in found:
        assert_indexed(plan)


def test_the_indexer_s_look_ups_use_indexes(explain: Callable[..., str]):
    from toccata.runtime.postgres import named_queries

    queries = named_queries("services.indexer.adapters", "sql/queries.sql")
    for plan in (
        explain(queries["known_executions"], ["e1", "e2"]),
        explain(queries["known_task_runs"], ["e1", "e2"], ["r1", "r2"]),
    ):
        assert_indexed(plan)
