"""Filters that are written as JSON in a body."""

from __future__ import annotations

from typing import Any

import pytest

from services.web.core.search.filter import parse_query
from services.web.core.search.query import Group, InvalidFilter, Leaf, Op
from services.web.core.search.written import written_filters


def read(*written: Any) -> Any:
    return parse_query(written_filters(list(written)), 0).where


def test_a_leaf_is_that_of_a_query_string() -> None:
    assert read({"field": "flowId", "operation": "EQUALS", "value": "a"}) == Leaf("flowId", Op.EQUALS, ("a",))
    assert read({"field": "namespace", "operation": "IN", "value": ["a", "b"]}) == Leaf(
        "namespace", Op.IN, ("a", "b")
    )


def test_groups_stay_apart() -> None:
    def either(first: str, second: str) -> dict[str, Any]:
        leaves = [{"field": "flowId", "operation": "EQUALS", "value": each} for each in (first, second)]
        return {"logical": "or", "children": leaves}

    where = read(either("a", "b"), either("c", "d"))

    def group(first: str, second: str) -> Group:
        return Group("or", tuple(Leaf("flowId", Op.EQUALS, (each,)) for each in (first, second)))

    assert where == Group("and", (group("a", "b"), group("c", "d")))


@pytest.mark.parametrize(
    "written", [{}, "a", {"field": "a"}, {"logical": "or"}, {"logical": "or", "children": "a"}]
)
def test_what_is_no_filter_is_refused(written: Any) -> None:
    with pytest.raises(InvalidFilter):
        read(written)
