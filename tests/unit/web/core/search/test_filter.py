import pytest

from services.web.core.search.filter import MAX_CONDITIONS, parse_query
from services.web.core.search.query import Group, InvalidFilter, InvalidPage, InvalidQuery, Leaf, Op, Sort


def where(*items):
    return parse_query(items, 0).where


def test_one_condition_is_a_leaf():
    assert where(("filters[flowId][EQUALS]", "x")) == Leaf("flowId", Op.EQUALS, ("x",))


def test_enum_names_and_lower_case_operators_are_understood():
    assert where(("filters[FLOW_ID][equals]", "x")) == Leaf("flowId", Op.EQUALS, ("x",))


def test_a_repeated_condition_collects_its_values():
    assert where(("filters[id][EQUALS]", "a"), ("filters[id][EQUALS]", "b")) == Leaf(
        "id", Op.EQUALS, ("a", "b")
    )


def test_lists_are_split_and_brackets_tolerated():
    expected = Leaf("state", Op.IN, ("SUCCESS", "FAILED"))
    assert where(("filters[state][IN]", "[SUCCESS,FAILED]")) == expected
    assert where(("state", "SUCCESS"), ("state", "FAILED")) == expected


def test_labels_carry_their_key():
    leaf = Leaf("labels", Op.EQUALS, ("data",), "team")
    assert where(("filters[labels][EQUALS][team]", "data")) == leaf
    assert where(("filters[labels][EQUALS]", "team:data")) == leaf
    assert where(("labels", "team:data")) == leaf


def test_several_conditions_are_anded():
    assert where(("filters[namespace][PREFIX]", "a"), ("filters[flowId][EQUALS]", "b")) == Group(
        "and", (Leaf("namespace", Op.PREFIX, ("a",)), Leaf("flowId", Op.EQUALS, ("b",)))
    )


def test_groups_nest():
    found = where(
        ("filters[or][0][and][0][state][EQUALS]", "FAILED"),
        ("filters[or][0][and][1][flowId][EQUALS]", "x"),
        ("filters[or][1][state][EQUALS]", "KILLED"),
    )
    failed, flow, killed = (
        Leaf("state", Op.EQUALS, ("FAILED",)),
        Leaf("flowId", Op.EQUALS, ("x",)),
        Leaf("state", Op.EQUALS, ("KILLED",)),
    )
    assert found == Group("or", (Group("and", (failed, flow)), killed))


def test_the_flat_namespace_includes_those_below():
    assert where(("namespace", "company")) == Leaf("namespace", Op.PREFIX, ("company",))


def test_sort_and_page_are_read():
    query = parse_query([("sort", "state.startDate:desc"), ("page", "3"), ("size", "50")], 7)
    assert (query.sort, query.page, query.size, query.now) == ((Sort("state.startDate", True),), 3, 50, 7)


@pytest.mark.parametrize(
    "item",
    [
        ("filters[id][LIKES]", "x"),
        ("filters[id]", "x"),
        ("labels", "nocolon"),
        ("dateFilter", "YESTERDAY"),
        ("filters" + "[and][0]" * 12 + "[id][EQUALS]", "x"),
    ],
)
def test_malformed_conditions_are_refused(item):
    with pytest.raises(InvalidFilter):
        parse_query([item], 0)


@pytest.mark.parametrize("item", [("page", "0"), ("size", "-1"), ("size", "many")])
def test_malformed_pages_are_refused(item):
    with pytest.raises(InvalidPage):
        parse_query([item], 0)


def test_a_span_has_one_beginning():
    date, span = ("filters[startDate][GREATER_THAN]", "2026-01-01T00:00:00Z"), ("timeRange", "PT12H")
    with pytest.raises(InvalidFilter, match="mutually exclusive"):
        where(date, span)
    assert where(span, ("endDate", "2026-01-01T00:00:00Z")) is not None


def test_too_many_conditions_are_refused():
    with pytest.raises(InvalidQuery):
        parse_query([("filters[id][EQUALS]", "x")] * (MAX_CONDITIONS + 1), 0)
