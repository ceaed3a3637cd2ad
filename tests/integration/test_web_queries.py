"""Web reads what the indexer wrote: every query on a real PostgreSQL, and the plans of queries that must be fast."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import asyncpg
import pytest
from pydantic import SecretStr

from contracts.execution import ExecutionCreated
from contracts.message import Message
from contracts.registry import FlowState
from contracts.scalars import to_iso
from contracts.states import ENDED, State
from contracts.telemetry import AttemptLogs, AttemptMetrics, LogLine, MetricPoint
from contracts.trigger import TriggerDefined, TriggerFired
from contracts.work import WorkerAnnounced
from services.indexer.adapters.postgres import open_projection
from services.indexer.core.change import Known
from services.indexer.core.project import project
from services.web.adapters.postgres import PostgresRows
from services.web.adapters.projection import ProjectionWaiter
from services.web.core.rows import record_of
from services.web.core.search.query import Group, InvalidQuery, Leaf, Op, Query, Sort
from services.web.core.search.resource import DISTINCT, EXECUTIONS, FLOWS, LOGS, TRIGGERS
from services.web.core.search.span import Span
from services.web.core.search.statement import search
from tests.unit.indexer.stories import T0, failed_retried_restarted, seen, two_logs, two_tasks
from toccata.runtime.errors import Transient
from toccata.runtime.postgres import Pool, PostgresSettings

pytestmark = pytest.mark.servers
HOUR = 3_600_000

Body = Callable[[PostgresRows], Awaitable[None]]


def flow(
    namespace: str, flow_id: str, revision: int = 1, source: str = "", *, deleted: bool = False
) -> FlowState:
    return FlowState(
        namespace=namespace,
        flow_id=flow_id,
        revision=revision,
        source=source or f"id: {flow_id}\nnamespace: {namespace}\nlabels:\n  team: bi\n",
        at=T0 + revision,
        created_at=T0,
        deleted=deleted,
    )


def _plain(name: str, namespace: str, flow_id: str, at: int) -> ExecutionCreated:
    return ExecutionCreated(
        execution_id=name, seq=1, at=at, namespace=namespace, flow_id=flow_id, revision=1, labels={"n": name}
    )


async def _fill(settings: PostgresSettings) -> None:
    """Store ``ok`` and ``bad`` in acme.sales, ``plain-0`` … ``plain-4`` below acme.sales, and one in a similarly named namespace."""
    projection = await open_projection(settings, lambda: T0, lambda: None)
    trigger: dict[str, Any] = {"namespace": "acme.sales", "flow_id": "nightly", "at": T0}
    batches: dict[str, list[Message]] = {
        "executions.events": [
            *two_tasks("ok"),
            *failed_retried_restarted("bad", T0 + HOUR)[:10],
            *[_plain(f"plain-{n}", "acme.sales.eu", "other", T0 + n) for n in range(5)],
            _plain("alike", "acme.salesforce", "other", T0),
        ],
        "attempts.logs": [
            *two_logs("ok"),
            AttemptLogs(
                execution_id="ok",
                namespace="acme.sales",
                flow_id="nightly",
                first=0,
                lines=[LogLine(level="ERROR", at=T0 + 50, message="100% broken\x00")],
            ),
        ],
        "attempts.metrics": [
            AttemptMetrics(
                execution_id="ok",
                namespace="acme.sales",
                flow_id="nightly",
                task_id="first",
                task_run_id="ok-first",
                attempt=1,
                first=0,
                points=[
                    MetricPoint(kind="counter", name=name, value=value, at=T0, tags={"t": name})
                    for name, value in (("rows", 3.0), ("bytes", 7.5))
                ],
            )
        ],
        "flows.state": [
            flow("acme.sales", "nightly", 1),
            flow("acme.sales", "nightly", 2, "id: nightly\ndescription: Every Night\n# Needle\n"),
            flow("acme.sales.eu", "other"),
            flow("gone", "old"),
            flow("gone", "old", 2, deleted=True),
        ],
        "triggers.events": [
            *[
                TriggerDefined(
                    **trigger,
                    trigger_id=name,
                    revision=1,
                    trigger_type="io.kestra.plugin.core.trigger.Schedule",
                    definition={"id": name, "cron": "@daily", "a": 1},
                    disabled=name == "off",
                    next_at=T0 + HOUR,
                )
                for name in ("at_two", "off")
            ],
            TriggerFired(**trigger, trigger_id="at_two", execution_id="ok", slot_at=T0, next_at=T0 + HOUR),
        ],
        "workers.events": [
            WorkerAnnounced(group="default", worker_id="w1", inbox=3, slots=8, at=T0, labels={"zone": "a"})
        ],
    }
    for topic, messages in batches.items():
        await projection.write(project(Known(), seen(messages, topic)), {(topic, 0): len(messages)})
    await projection.close()


@pytest.fixture
def read(postgres: str) -> Callable[[Body], None]:
    settings = PostgresSettings(url=SecretStr(postgres))

    async def filled(body: Body) -> None:
        async with asyncio.timeout(60):
            await _fill(settings)
            pool = Pool(settings, "test")
            await pool.open()
            try:
                await body(PostgresRows(pool))
            finally:
                await pool.close()

    return lambda body: asyncio.run(filled(body))


Read = Callable[[Body], None]


def _query(field: str, op: Op, *values: str, key: str | None = None) -> Query:
    return Query(T0, Leaf(field, op, values, key), size=100)


def test_an_execution_is_returned_completely(read: Read):
    async def body(rows: PostgresRows) -> None:
        row = await rows.get_execution("bad")
        assert row is not None
        assert (row.state, row.seq, row.created_at, row.ended_at) == (
            State.FAILED,
            10,
            T0 + HOUR,
            T0 + HOUR + 17,
        )
        assert list(row.inputs) == ["zulu", "alpha"]
        assert list(row.labels.items()) == [("team", "bi"), ("a", "b")]
        assert row.trigger is not None
        assert row.trigger.variables == {"body": {}}
        assert row.reason == "task second failed"
        assert [(run.task_id, run.state, len(run.attempts)) for run in row.task_runs] == [
            ("first", State.SUCCESS, 1),
            ("second", State.FAILED, 2),
        ]
        assert row.task_runs[1].message == "no"
        record = record_of(row)
        assert [run.id for run in record.task_runs] == ["bad-first", "bad-second"]
        assert record.histories == row.histories
        assert await rows.get_execution("nobody") is None
        assert await rows.get_execution("no\x00body") is None
        assert await rows.existing_executions(["ok", "nobody", "\x00"]) == {"ok"}
        assert [run.id for run in await rows.task_runs("ok", limit=1, offset=1)] == ["ok-second"]

    read(body)


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        (_query("namespace", Op.EQUALS, "acme.sales"), {"ok", "bad"}),
        (_query("namespace", Op.PREFIX, "acme.sales"), {"ok", "bad", *[f"plain-{n}" for n in range(5)]}),
        (_query("namespace", Op.REGEX, "force$"), {"alike"}),
        (_query("namespace", Op.NOT_IN, "acme.sales", "acme.sales.eu"), {"alike"}),
        (_query("namespace", Op.ENDS_WITH, "force"), {"alike"}),
        (_query("flowId", Op.CONTAINS, "ight"), {"ok", "bad"}),
        (_query("state", Op.IN, "SUCCESS", "FAILED"), {"ok", "bad"}),
        (_query("labels", Op.EQUALS, "bi", key="team"), {"ok", "bad"}),
        (_query("labels", Op.CONTAINS, "lain-3", key="n"), {"plain-3"}),
        (_query("labels", Op.NOT_EQUALS, "bi", key="team"), {"alike", *[f"plain-{n}" for n in range(5)]}),
        (_query("taskId", Op.EQUALS, "second"), {"ok", "bad"}),
        (_query("triggerId", Op.NOT_EQUALS, "hook"), {"alike", *[f"plain-{n}" for n in range(5)]}),
        (_query("startDate", Op.GREATER_THAN, to_iso(T0 + 10)), {"bad"}),
        (
            _query("timeRange", Op.EQUALS, "PT0.001S"),
            {"ok", "bad", "alike", *[f"plain-{n}" for n in range(5)]},
        ),
        (_query("q", Op.EQUALS, "PLAIN-4"), {"plain-4"}),
        (_query("flowRevision", Op.GREATER_THAN, "2"), {"ok", "bad"}),
        (_query("scope", Op.EQUALS, "SYSTEM"), set()),
        (
            Query(
                T0,
                Group(
                    "or",
                    (
                        Leaf("id", Op.EQUALS, ("alike",)),
                        Group(
                            "and", (Leaf("id", Op.STARTS_WITH, ("plain",)), Leaf("id", Op.ENDS_WITH, ("2",)))
                        ),
                    ),
                ),
            ),
            {"alike", "plain-2"},
        ),
    ],
    ids=lambda value: repr(value.where)[:60] if isinstance(value, Query) else "",
)
def test_executions_are_found_by(read: Read, query: Query, ids: set[str]):
    async def body(rows: PostgresRows) -> None:
        found, total = await rows.search_executions(query)
        assert {row.id for row in found} == ids
        assert total == len(ids)
        assert all(row.task_runs == () for row in found)

    read(body)


def test_pages_tell_the_total_and_do_not_overlap(read: Read):
    async def body(rows: PostgresRows) -> None:
        order = (Sort("namespace"), Sort("state.startDate", descending=True))
        pages = [
            await rows.search_executions(Query(T0, sort=order, page=page, size=3)) for page in (1, 2, 3, 4)
        ]
        assert [len(found) for found, _ in pages] == [3, 3, 2, 0]
        assert {total for _, total in pages} == {8}
        ids = [row.id for found, _ in pages for row in found]
        assert ids == ["bad", "ok", *[f"plain-{n}" for n in (4, 3, 2, 1, 0)], "alike"]
        newest, _ = await rows.search_executions(Query(T0, size=1))
        assert [row.id for row in newest] == ["bad"]

    read(body)


def test_every_order_of_every_resource_is_accepted(read: Read):
    async def body(rows: PostgresRows) -> None:
        searches = (
            (EXECUTIONS, rows.search_executions),
            (FLOWS, rows.search_flows),
            (LOGS, rows.search_logs),
            (TRIGGERS, rows.search_triggers),
        )
        for resource, find in searches:
            for column in resource.sorts:
                for descending in (True, False):
                    found, total = await find(Query(T0, sort=(Sort(column, descending=descending),)))
                    assert len(found) == total > 0

    read(body)


def test_every_field_and_operator_runs(read: Read):
    samples = {"state": "FAILED", "level": "INFO", "flowRevision": "1", "attemptNumber": "1", "scope": "USER"}
    samples |= {"childFilter": "MAIN", "triggerState": "ENABLED", "locked": "TRUE", "enabled": "TRUE"}
    samples |= {"status": "ENABLED"}
    dates = {"created", "updated", "lastTriggeredDate", "nextExecutionDate"}

    async def body(rows: PostgresRows) -> None:
        searches = (
            (EXECUTIONS, rows.search_executions),
            (FLOWS, rows.search_flows),
            (LOGS, rows.search_logs),
            (TRIGGERS, rows.search_triggers),
        )
        ran = 0
        for resource, find in searches:
            for name, field in resource.fields.items():
                value = to_iso(T0) if name in dates else samples.get(name, "x")
                for op in field.ops:
                    for values in ((value,), (value, value)):
                        found, total = await find(_query(name, op, *values))
                        assert len(found) == total
                        ran += 1
            for date_filter in resource.dates or ():
                leaf = Leaf("startDate", Op.GREATER_THAN, (to_iso(T0 - HOUR),))
                await find(Query(T0, leaf, date_filter=date_filter))
        assert ran > 200

    read(body)


def test_mistakes_of_the_caller_are_reported(read: Read):
    async def body(rows: PostgresRows) -> None:
        for query in (_query("namespace", Op.REGEX, "("), _query("flowRevision", Op.EQUALS, "9" * 30)):
            with pytest.raises(InvalidQuery):
                await rows.search_executions(query)

    read(body)


def test_logs_of_an_execution_by_time_level_and_task(read: Read):
    async def body(rows: PostgresRows) -> None:
        lines = await rows.logs("ok")
        assert [(line.task_id, line.level) for line in lines] == [
            ("first", "INFO"),
            ("second", "INFO"),
            (None, "ERROR"),
        ]
        assert (lines[2].task_run_id, lines[2].message) == (None, "100% broken\ufffd")
        assert [line.level for line in await rows.logs("ok", min_level="WARN")] == ["ERROR"]
        assert [line.task_id for line in await rows.logs("ok", task_id="second", attempt=1)] == ["second"]
        assert [line.task_id for line in await rows.logs("ok", task_run_id="ok-first")] == ["first"]
        assert await rows.logs("nobody") == []
        found, total = await rows.search_logs(_query("q", Op.EQUALS, "100% BROKEN"))
        assert ([line.level for line in found], total) == (["ERROR"], 1)
        found, _ = await rows.search_logs(Query(T0, sort=(Sort("timestamp"),)))
        assert [line.at for line in found] == sorted(line.at for line in found)

    read(body)


def test_a_metric_over_time_is_one_value_for_each_span_that_has_some(read: Read):
    async def body(rows: PostgresRows):
        day = Span(T0 - 48 * HOUR, T0 + HOUR)
        midnight = T0 - T0 % (24 * HOUR)
        of_flow = ("acme.sales", "nightly", None, "rows")
        assert await rows.metric_series(of_flow, day, "sum") == [(midnight, 3.0)]
        assert await rows.metric_series(("acme.sales", "nightly", "first", "bytes"), day, "avg") == [
            (midnight, 7.5)
        ]
        assert await rows.metric_series(("acme.sales", "nightly", "other", "rows"), day, "max") == []
        assert await rows.metric_series(of_flow, Span(T0 - 9 * HOUR, T0 - HOUR), "min") == []

    read(body)


def test_the_average_duration_is_of_those_that_ended(read: Read):
    async def body(rows: PostgresRows):
        ok, bad = await rows.get_execution("ok"), await rows.get_execution("bad")
        assert ok is not None
        assert bad is not None
        took = [row.histories[-1].at - row.created_at for row in (ok, bad) if row.state in ENDED]
        average, count = await rows.average_duration("acme.sales", "nightly", 100)
        assert count == len(took)
        assert average == pytest.approx(sum(took) / len(took))
        assert await rows.average_duration("acme.sales.eu", "other", 100) == (None, 0)

    read(body)


def test_values_of_a_field_are_each_listed_once(read: Read):
    async def body(rows: PostgresRows):
        everywhere = Query(T0, size=10)
        assert await rows.distinct_execution_values("namespace", everywhere) == [
            "acme.sales",
            "acme.sales.eu",
            "acme.salesforce",
        ]
        below = Query(T0, Leaf("namespace", Op.PREFIX, ("acme.sales",)), size=1)
        assert await rows.distinct_execution_values("flowId", below) == ["nightly"]
        assert await rows.distinct_execution_values("flowRevision", below) == ["1"]
        for field in DISTINCT:
            await rows.distinct_execution_values(field, everywhere)

    read(body)


def test_metrics_of_an_execution(read: Read):
    async def body(rows: PostgresRows) -> None:
        found, total = await rows.metrics("ok", Query(T0, sort=(Sort("name"),)), task_id="first")
        assert [(each.name, each.value, each.kind) for each in found] == [
            ("bytes", 7.5, "counter"),
            ("rows", 3.0, "counter"),
        ]
        assert (total, found[0].tags) == (2, {"t": "bytes"})
        assert await rows.metrics("ok", Query(T0), task_run_id="ok-second") == ([], 0)

    read(body)


def test_flows_by_revision_source_and_namespace(read: Read):
    async def body(rows: PostgresRows) -> None:
        latest = await rows.get_flow("acme.sales", "nightly")
        assert latest is not None
        assert (latest.revision, latest.description, latest.created_at) == (2, "Every Night", T0)
        first = await rows.get_flow("acme.sales", "nightly", 1)
        assert first is not None
        assert first.labels == {"team": "bi"}
        assert await rows.get_flow("acme.sales", "nightly", 9) is None
        assert await rows.get_flow("acme.sales", "nightly", 2**40) is None
        assert await rows.get_flow("gone", "old") is None
        assert await rows.get_flow("gone", "old", 1) is None
        gone = await rows.get_flow("gone", "old", allow_deleted=True)
        assert gone is not None
        assert gone.deleted
        assert await rows.get_flow("gone", "old", 1, allow_deleted=True) is not None
        assert [each.revision for each in await rows.flow_revisions("gone", "old")] == [1, 2]
        found, total = await rows.search_flows(Query(T0))
        assert ([each.id for each in found], total) == (["nightly", "other"], 2)
        found, total = await rows.search_flow_sources("nEEDLE")
        assert ([each.id for each in found], total) == (["nightly"], 1)
        assert (await rows.search_flow_sources("id:", namespace="acme.sales.eu"))[1] == 1
        assert await rows.search_flow_sources("%") == ([], 0)
        assert await rows.distinct_namespaces() == ["acme.sales", "acme.sales.eu"]
        assert await rows.distinct_namespaces("EU") == ["acme.sales.eu"]

    read(body)


def test_triggers_workers_positions_and_counts(read: Read):
    async def body(rows: PostgresRows) -> None:
        one = await rows.trigger("acme.sales", "nightly", "at_two")
        assert one is not None
        assert (one.last_at, one.next_at, one.execution_id) == (T0, T0 + HOUR, "ok")
        assert list(one.definition) == ["id", "cron", "a"]
        assert await rows.trigger("acme.sales", "nightly", "none") is None
        found, total = await rows.search_triggers(_query("triggerState", Op.EQUALS, "DISABLED"))
        assert ([each.trigger_id for each in found], total) == (["off"], 1)
        found, _ = await rows.search_triggers(_query("locked", Op.EQUALS, "true"))
        assert [each.trigger_id for each in found] == ["at_two"]
        (worker,) = await rows.workers()
        assert (worker.id, worker.group, worker.slots, worker.labels) == ("w1", "default", 8, {"zone": "a"})
        assert (await rows.positions())["executions.events", 0] == 9 + 10 + 6
        counts = await rows.counts()
        assert (counts.flows, counts.triggers) == (2, 2)
        assert counts.executions == {State.SUCCESS: 1, State.FAILED: 1, State.CREATED: 6}

    read(body)


def test_without_a_schema_the_rows_are_away_for_now(postgres: str):
    async def body() -> None:
        async with asyncio.timeout(30):
            settings = PostgresSettings(url=SecretStr(postgres))
            pool = Pool(settings, "test")
            await pool.open()
            rows = PostgresRows(pool)
            with pytest.raises(Transient, match="no schema yet"):
                await rows.workers()
            await pool.close()
            waiter = ProjectionWaiter(settings)
            await waiter.start()
            assert not await waiter.wait_for("executions.events", 0, 0, timeout=0.05)
            await waiter.stop()

    asyncio.run(body())


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
