"""Filters, orders and pages become SQL: what a caller says is only ever a parameter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.web.core.search import statement
from services.web.core.search.query import (
    Filter,
    Group,
    InvalidFilter,
    InvalidPage,
    InvalidSort,
    Leaf,
    Op,
    Query,
    Sort,
    field_name,
    parse_sort,
)
from services.web.core.search.resource import EXECUTIONS, FLOWS, LOGS, METRICS, TRIGGERS, Resource
from services.web.core.search.statement import Search

NOW = 1_790_000_000_000


def search(resource: Resource, query: Query, fixed: tuple[tuple[str, object], ...] = ()) -> Search:
    """Search, and leave out of the condition what every search of executions has."""
    found = statement.search(resource, query, fixed)
    if resource is not EXECUTIONS:
        return found
    always = "kind <> 'LOOP'"
    assert found.where.startswith(always)
    return replace(found, where=found.where.removeprefix(always).removeprefix(" AND ") or "true")


def where(
    resource: Resource, field: str, op: Op, *values: str, key: str | None = None
) -> tuple[str, tuple[object, ...]]:
    found = search(resource, Query(NOW, Leaf(field, op, values, key)))
    return found.where, found.values


def test_no_filter_matches_everything_in_the_default_order():
    found = search(EXECUTIONS, Query(NOW, page=3, size=25))
    assert found == Search("executions", "true", "created_at DESC, id", 25, 50, ())
    assert (
        found.rows("id")
        == "SELECT id FROM executions WHERE true ORDER BY created_at DESC, id LIMIT 25 OFFSET 50"
    )
    assert found.count() == "SELECT count(*) FROM executions WHERE true"


@pytest.mark.parametrize(
    ("op", "values", "sql", "params"),
    [
        (Op.EQUALS, ("a",), "namespace = $1", ("a",)),
        (Op.EQUALS, ("a", "b"), "namespace = ANY ($1::text[])", (["a", "b"],)),
        (Op.NOT_EQUALS, ("a",), "namespace IS DISTINCT FROM $1", ("a",)),
        (Op.NOT_IN, ("a", "b"), "(namespace IS NULL OR NOT namespace = ANY ($1::text[]))", (["a", "b"],)),
        (Op.STARTS_WITH, ("a%",), "starts_with(namespace, $1)", ("a%",)),
        (Op.ENDS_WITH, ("_a%\\",), "namespace LIKE $1", ("%\\_a\\%\\\\",)),
        (Op.CONTAINS, ("a", "b"), "(strpos(namespace, $1) > 0 OR strpos(namespace, $2) > 0)", ("a", "b")),
        (Op.REGEX, ("^a",), "namespace ~ $1", ("^a",)),
        (
            Op.PREFIX,
            ("a.b",),
            "(namespace = $3 OR (namespace >= $1 AND namespace < $2))",
            ("a.b.", "a.b/", "a.b"),
        ),
    ],
)
def test_operators_on_names(op: Op, values: tuple[str, ...], sql: str, params: tuple[object, ...]):
    assert where(EXECUTIONS, "namespace", op, *values) == (sql, params)


def test_groups_nest_and_empty_ones_have_a_meaning():
    one, two, three = (Leaf("flowId", Op.EQUALS, (name,)) for name in "abc")
    tree: Filter = Group("or", (one, Group("and", (two, three)), Group("and", (three,))))
    found = search(EXECUTIONS, Query(NOW, tree))
    assert found.where == "(flow_id = $1 OR (flow_id = $2 AND flow_id = $3) OR flow_id = $4)"
    assert found.values == ("a", "b", "c", "c")
    assert search(EXECUTIONS, Query(NOW, Group("and", ()))).where == "true"
    assert search(EXECUTIONS, Query(NOW, Group("or", ()))).where == "false"


def test_states_take_any_case_and_both_spellings_but_no_unknown_word():
    assert where(EXECUTIONS, "state", Op.IN, "failed", "CANCELED") == (
        "state = ANY ($1::text[])",
        (["FAILED", "CANCELLED"],),
    )
    with pytest.raises(InvalidFilter, match="unknown value `DONE`"):
        where(EXECUTIONS, "state", Op.EQUALS, "done")


def test_labels_are_searched_by_key_and_value():
    assert where(EXECUTIONS, "labels", Op.EQUALS, "data", key="team") == (
        "labels @> $1::jsonb",
        ('[{"key":"team","value":"data"}]',),
    )
    assert where(EXECUTIONS, "labels", Op.EQUALS, "a:b:c")[1] == ('[{"key":"a","value":"b:c"}]',)
    assert where(EXECUTIONS, "labels", Op.EQUALS, "bare")[1] == ('[{"value":"bare"}]',)
    assert where(FLOWS, "labels", Op.NOT_IN, "x", "y", key="k")[0] == (
        "NOT deleted AND ((labels @> $1::jsonb OR labels @> $2::jsonb)) IS NOT TRUE"
    )
    sql, params = where(EXECUTIONS, "labels", Op.CONTAINS, "at", key="team")
    assert sql == (
        "EXISTS (SELECT FROM jsonb_array_elements(labels) AS label "
        "WHERE strpos(label ->> 'value', $1) > 0 AND label ->> 'key' = $2)"
    )
    assert params == ("at", "team")


def test_dates_are_instants_and_apply_to_the_chosen_date():
    at = datetime(2026, 3, 1, 8, 15, tzinfo=UTC)
    leaf = Leaf("endDate", Op.LESS_THAN_OR_EQUAL_TO, ("2026-03-01T08:15:00Z",))
    assert search(EXECUTIONS, Query(NOW, leaf)).where == "created_at <= $1::timestamptz"
    assert search(EXECUTIONS, Query(NOW, leaf)).values == (at,)
    both = search(EXECUTIONS, Query(NOW, leaf, date_filter="START_OR_END_DATE"))
    assert both.where == "(created_at <= $1::timestamptz OR ended_at <= $1::timestamptz)"
    last = search(TRIGGERS, Query(NOW, leaf, date_filter="LAST_TRIGGERED_DATE"))
    assert last.where == "last_at <= $1::timestamptz"
    with pytest.raises(InvalidFilter, match="does not fit a log"):
        search(LOGS, Query(NOW, leaf, date_filter="END_DATE"))


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-03-01T08:15:30.120Z", datetime(2026, 3, 1, 8, 15, 30, 120_000, tzinfo=UTC)),
        ("2026-03-01T08:15:30.123456789Z", datetime(2026, 3, 1, 8, 15, 30, 123_456, tzinfo=UTC)),
        ("2026-03-01T10:15:30+02:00", datetime(2026, 3, 1, 8, 15, 30, tzinfo=UTC)),
        ("2026-03-01T10:15:30 02:00", datetime(2026, 3, 1, 8, 15, 30, tzinfo=UTC)),
        ("2026-03-01T08:15:30", datetime(2026, 3, 1, 8, 15, 30, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, tzinfo=UTC)),
    ],
)
def test_instants_with_offset_repaired_plus_or_none(text: str, at: datetime):
    _, (given,) = where(EXECUTIONS, "startDate", Op.GREATER_THAN_OR_EQUAL_TO, text)
    assert given == at


@pytest.mark.parametrize("text", ["", "yesterday", "0001-01-01T00:00:00+10:00", "2026-13-01"])
def test_what_is_no_instant_is_refused(text: str):
    with pytest.raises(InvalidFilter, match="is not an instant"):
        where(EXECUTIONS, "startDate", Op.GREATER_THAN_OR_EQUAL_TO, text)


@pytest.mark.parametrize(("text", "days"), [("PT24H", 1), ("P7D", 7), ("P1W", 7), ("P1M", 30), ("p1y", 365)])
def test_a_time_range_counts_back_from_now(text: str, days: int):
    sql, (begin,) = where(EXECUTIONS, "timeRange", Op.EQUALS, text)
    assert sql == "created_at >= $1::timestamptz"
    assert isinstance(begin, datetime)
    assert NOW - begin.timestamp() * 1000 == days * 86_400_000


@pytest.mark.parametrize("text", ["", "week", "P", "P999999999999Y", "-PT1S x"])
def test_what_is_no_duration_is_refused(text: str):
    with pytest.raises(InvalidFilter, match="is not a duration"):
        where(EXECUTIONS, "timeRange", Op.EQUALS, text)


def test_a_level_means_at_least():
    assert where(LOGS, "level", Op.EQUALS, "warn") == ("level >= $1::smallint", (3,))
    assert where(LOGS, "level", Op.NOT_EQUALS, "WARN")[0] == "(level >= $1::smallint) IS NOT TRUE"
    with pytest.raises(InvalidFilter, match="LOUD"):
        where(LOGS, "level", Op.EQUALS, "loud")


def test_numbers_compare_and_attempts_count_from_zero():
    assert where(EXECUTIONS, "flowRevision", Op.GREATER_THAN, "3") == ("revision > $1::bigint", (3,))
    assert where(EXECUTIONS, "flowRevision", Op.IN, "3", "4") == ("revision = ANY ($1::bigint[])", ([3, 4],))
    assert where(LOGS, "attemptNumber", Op.EQUALS, "0") == ("(attempt - 1) = ANY ($1::bigint[])", ([0],))
    for text in ("x", "", "9" * 30, "1.5"):
        with pytest.raises(InvalidFilter, match="whole number"):
            where(EXECUTIONS, "flowRevision", Op.EQUALS, text)


def test_words_with_a_meaning():
    assert where(EXECUTIONS, "childFilter", Op.EQUALS, "main")[0] == "trigger_execution_id IS NULL"
    assert where(TRIGGERS, "triggerState", Op.EQUALS, "DISABLED")[0] == "disabled"
    assert where(TRIGGERS, "locked", Op.NOT_EQUALS, "true")[0] == "(execution_id IS NOT NULL) IS NOT TRUE"
    assert where(FLOWS, "status", Op.IN, "ENABLED", "DRAFT")[0] == "NOT deleted AND (NOT disabled OR false)"
    with pytest.raises(InvalidFilter, match="unknown value `MAYBE`"):
        where(TRIGGERS, "locked", Op.EQUALS, "maybe")


def test_scope_is_the_system_namespace_or_the_others():
    assert where(EXECUTIONS, "scope", Op.EQUALS, "USER") == ("namespace <> 'system'", ())
    both = where(EXECUTIONS, "scope", Op.EQUALS, "user", "SYSTEM")[0]
    assert both == "(namespace <> 'system' OR namespace = 'system')"


def test_a_free_text_matches_whatever_its_case():
    sql, params = where(EXECUTIONS, "q", Op.EQUALS, "50%")
    assert sql == "(id ILIKE $1 OR namespace ILIKE $1 OR flow_id ILIKE $1)"
    assert params == ("%50\\%%",)


def test_executions_with_a_task():
    sql, params = where(EXECUTIONS, "taskId", Op.IN, "a", "b")
    assert "run.task_id = ANY ($1::text[])" in sql
    assert params == (["a", "b"],)


def test_wishes_for_an_order_are_kept_and_ties_are_broken():
    wish = (Sort("state.current"), Sort("state.endDate", descending=True))
    assert search(EXECUTIONS, Query(NOW, sort=wish)).order == "state, ended_at DESC NULLS LAST, id"
    newest = search(EXECUTIONS, Query(NOW, sort=(Sort("state.startDate", descending=True),)))
    assert newest.order == "created_at DESC, id"  # as the index has it
    with pytest.raises(InvalidSort, match="cannot sort by `created_at; DROP`"):
        search(EXECUTIONS, Query(NOW, sort=(Sort("created_at; DROP"),)))


@pytest.mark.parametrize(
    ("leaf", "problem"),
    [
        (
            Leaf("password", Op.EQUALS, ("x",)),
            r"does not exist for a execution \(allowed: q, scope, .*timeRange\)",
        ),
        (Leaf("state", Op.REGEX, ("x",)), r"does not take REGEX \(allowed: EQUALS, NOT_EQUALS, IN, NOT_IN\)"),
        (Leaf("state", Op.EQUALS, ()), "needs a value"),
        (Leaf("state", Op.EQUALS, ("FAILED",), "key"), "takes no key"),
        (Leaf("flowId", Op.EQUALS, ("a\x00",)), "NUL"),
    ],
)
def test_what_a_resource_does_not_take_is_refused(leaf: Leaf, problem: str):
    with pytest.raises(InvalidFilter, match=problem):
        search(EXECUTIONS, Query(NOW, leaf))


@pytest.mark.parametrize(
    "query", [Query(NOW, page=0), Query(NOW, size=0), Query(NOW, size=-1), Query(NOW, page=10**10)]
)
def test_pages_count_from_one(query: Query):
    with pytest.raises(InvalidPage):
        search(EXECUTIONS, query)


def test_a_huge_page_is_capped():
    assert search(EXECUTIONS, Query(NOW, size=10**6)).limit == 10_000


def test_fixed_columns_come_first():
    found = search(METRICS, Query(NOW, Leaf("name", Op.EQUALS, ("rows",))), (("execution_id", "e1"),))
    assert (found.where, found.values) == ("execution_id = $1 AND name = $2", ("e1", "rows"))


@pytest.mark.parametrize("resource", [EXECUTIONS, FLOWS, LOGS, TRIGGERS, METRICS], ids=lambda r: r.name)
def test_every_field_takes_each_of_its_operators(resource: Resource):
    samples = {
        "state": "FAILED",
        "level": "INFO",
        "flowRevision": "1",
        "attemptNumber": "1",
        "scope": "USER",
        "childFilter": "MAIN",
        "triggerState": "ENABLED",
        "locked": "TRUE",
        "enabled": "TRUE",
        "status": "ENABLED",
    }
    dates = {"created", "updated", "lastTriggeredDate", "nextExecutionDate"}
    for name, field in resource.fields.items():
        value = "2026-01-01" if name in dates else samples.get(name, "x")
        for op in field.ops:
            sql, params = where(resource, name, op, value)
            assert all(f"${number}" in sql for number in range(1, len(params) + 1))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("FLOW_ID", "flowId"),
        ("flowId", "flowId"),
        ("QUERY", "q"),
        ("MIN_LEVEL", "level"),
        ("minLevel", "level"),
        ("Q", "q"),
    ],
)
def test_names_of_fields_in_both_spellings(written: str, name: str):
    assert field_name(written) == name


def test_an_order_as_text():
    assert parse_sort("state.startDate:desc") == Sort("state.startDate", descending=True)
    assert parse_sort("id") == Sort("id")
    for text in ("", ":desc", "id:up"):
        with pytest.raises(InvalidSort):
            parse_sort(text)
