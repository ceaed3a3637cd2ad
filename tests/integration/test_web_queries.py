"""Every search of executions on a real PostgreSQL."""

from __future__ import annotations

import pytest

from contracts.scalars import to_iso
from contracts.states import State
from services.web.adapters.postgres import PostgresRows
from services.web.core.rows import record_of
from services.web.core.search.query import Group, InvalidQuery, Leaf, Op, Query, Sort
from services.web.core.search.resource import DISTINCT, EXECUTIONS, FLOWS, LOGS, TRIGGERS
from tests.support.filled_rows import HOUR, Read, query_of
from tests.unit.indexer.stories import T0

pytestmark = pytest.mark.servers


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
        (query_of("namespace", Op.EQUALS, "acme.sales"), {"ok", "bad"}),
        (query_of("namespace", Op.PREFIX, "acme.sales"), {"ok", "bad", *[f"plain-{n}" for n in range(5)]}),
        (query_of("namespace", Op.REGEX, "force$"), {"alike"}),
        (query_of("namespace", Op.NOT_IN, "acme.sales", "acme.sales.eu"), {"alike"}),
        (query_of("namespace", Op.ENDS_WITH, "force"), {"alike"}),
        (query_of("flowId", Op.CONTAINS, "ight"), {"ok", "bad"}),
        (query_of("state", Op.IN, "SUCCESS", "FAILED"), {"ok", "bad"}),
        (query_of("labels", Op.EQUALS, "bi", key="team"), {"ok", "bad"}),
        (query_of("labels", Op.CONTAINS, "lain-3", key="n"), {"plain-3"}),
        (query_of("labels", Op.NOT_EQUALS, "bi", key="team"), {"alike", *[f"plain-{n}" for n in range(5)]}),
        (query_of("taskId", Op.EQUALS, "second"), {"ok", "bad"}),
        (query_of("triggerId", Op.NOT_EQUALS, "hook"), {"alike", *[f"plain-{n}" for n in range(5)]}),
        (query_of("startDate", Op.GREATER_THAN, to_iso(T0 + 10)), {"bad"}),
        (
            query_of("timeRange", Op.EQUALS, "PT0.001S"),
            {"ok", "bad", "alike", *[f"plain-{n}" for n in range(5)]},
        ),
        (query_of("q", Op.EQUALS, "PLAIN-4"), {"plain-4"}),
        (query_of("flowRevision", Op.GREATER_THAN, "2"), {"ok", "bad"}),
        (query_of("scope", Op.EQUALS, "SYSTEM"), set()),
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
                        found, total = await find(query_of(name, op, *values))
                        assert len(found) == total
                        ran += 1
            for date_filter in resource.dates or ():
                leaf = Leaf("startDate", Op.GREATER_THAN, (to_iso(T0 - HOUR),))
                await find(Query(T0, leaf, date_filter=date_filter))
        assert ran > 200

    read(body)


def test_mistakes_of_the_caller_are_reported(read: Read):
    async def body(rows: PostgresRows) -> None:
        for query in (query_of("namespace", Op.REGEX, "("), query_of("flowRevision", Op.EQUALS, "9" * 30)):
            with pytest.raises(InvalidQuery):
                await rows.search_executions(query)

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
