"""Filters on lists and maps."""

from __future__ import annotations

import pytest

from contracts.language.expression.errors import ExpressionError
from tests.support.expression import value_of


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("'abc' | length", 3),
        ("[1, 2] | length", 2),
        ("{'a': 1} | length", 1),
        ("null | length", 0),
        ("[3, 1] | first", 3),
        ("'abc' | last", "c"),
        ("[] | first", None),
        ("[1, 'a', null] | join('-')", "1-a-"),
        ("['a', 'b'] | join", "ab"),
        ("[1, 2, 3] | slice(1, 2)", [2]),
        ("'abcd' | slice(2)", "cd"),
        ("[3, 1, 2] | sort", [1, 2, 3]),
        ("['b', 'a'] | rsort", ["b", "a"]),
        ("'abc' | reverse", "cba"),
        ("[1, 2] | reverse", [2, 1]),
        ("{'a': 1, 'b': 1} | merge({'b': 2})", {"a": 1, "b": 2}),
        ("[1] | merge([2])", [1, 2]),
        ("null | merge([2])", [2]),
        ("[1, 2, 3] | chunk(2)", [[1, 2], [3]]),
        ("{'a': 1} | keys", ["a"]),
        ("['x', 'y'] | keys", [0, 1]),
        ("{'a': 1} | values", [1]),
        ("[1, [2, [3]]] | flatten", [1, 2, [3]]),
        ("[1, 2, 1, '1', true] | distinct", [1, 2, "1", True]),
        ("[{'a': 1}, {'a': 1.0}] | distinct", [{"a": 1}]),
    ],
)
def test_filters(expression: str, expected: object) -> None:
    assert value_of(expression) == expected


@pytest.mark.parametrize(
    "name", ["first", "join", "slice(1)", "sort", "reverse", "chunk(2)", "keys", "flatten"]
)
def test_null_stays_null(name: str) -> None:
    assert value_of(f"null | {name}") is None


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("1 | length", "needs text, a list or a map, found number"),
        ("{'a': 1} | first", "needs a list or text, found map"),
        ("[1] | slice(0, 2)", "the length is 1"),
        ("[1] | slice(-1)", "the length is 1"),
        ("[1, 'a'] | sort", "cannot be compared"),
        ("[1] | chunk(0)", "at least 1"),
        ("[1] | values", "needs a map, found list"),
        ("'a' | flatten", "`flatten`"),
    ],
)
def test_a_value_that_a_filter_cannot_use_is_reported(expression: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        value_of(expression)


def test_a_filter_changes_no_variable() -> None:
    items = [3, 1, 2]
    value_of("items | sort", items=items)
    value_of("items | reverse", items=items)
    assert items == [3, 1, 2]
