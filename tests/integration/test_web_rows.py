"""Web reads what the indexer wrote: logs, metrics, flows, triggers and workers."""

from __future__ import annotations

import asyncio

import pytest
from pydantic import SecretStr

from contracts.states import ENDED, State
from services.web.adapters.postgres import PostgresRows
from services.web.adapters.projection import ProjectionWaiter
from services.web.core.search.query import Op, Query, Sort
from services.web.core.search.span import Span
from tests.support.filled_rows import HOUR, Read, query_of
from tests.unit.indexer.stories import T0
from toccata.runtime.errors import Transient
from toccata.runtime.postgres import Pool, PostgresSettings

pytestmark = pytest.mark.servers


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
        found, total = await rows.search_logs(query_of("q", Op.EQUALS, "100% BROKEN"))
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
        found, total = await rows.search_triggers(query_of("triggerState", Op.EQUALS, "DISABLED"))
        assert ([each.trigger_id for each in found], total) == (["off"], 1)
        found, _ = await rows.search_triggers(query_of("locked", Op.EQUALS, "true"))
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
