"""The order of all values in jq."""

from __future__ import annotations

from typing import Any

from contracts.language.expression.jq.order import order_of, type_of

ASCENDING: list[Any] = [
    None,
    False,
    True,
    -1,
    0.5,
    2,
    "",
    "a",
    "b",
    [],
    [1],
    [1, 0],
    [2],
    {},
    {"a": 1},
    {"a": 2},
    {"b": 0},
]


def test_values_of_all_types_are_in_one_order() -> None:
    mixed = [*ASCENDING[7:], *ASCENDING[:7]]
    assert sorted(mixed, key=order_of) == ASCENDING
    assert order_of(1) == order_of(1.0)


def test_types_have_the_names_of_json() -> None:
    values: list[Any] = [None, True, 1, "", [], {}]
    found = [type_of(each) for each in values]
    assert found == ["null", "boolean", "number", "string", "array", "object"]
