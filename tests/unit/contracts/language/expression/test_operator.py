"""The meaning of operators."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from contracts.language.expression.errors import ExpressionError, LimitExceeded
from contracts.language.expression.operator import BINARY, is_number, name_of, span, truthy
from tests.support.budget import a_budget


def apply(operator: str, left: Any, right: Any) -> Any:
    return BINARY[operator](left, right, a_budget())


@pytest.mark.parametrize("value", [True, 1, -1, 0.5, Decimal("0.1"), "a", "false", " "])
def test_true(value: object) -> None:
    assert truthy(value)


@pytest.mark.parametrize("value", [False, 0, 0.0, Decimal(0), ""])
def test_false(value: object) -> None:
    assert not truthy(value)


@pytest.mark.parametrize("value", [None, [], [1], {}, {"a": 1}])
def test_neither_true_nor_false(value: object) -> None:
    with pytest.raises(ExpressionError, match="neither true nor false"):
        truthy(value)


@pytest.mark.parametrize(
    ("left", "operator", "right", "expected"),
    [
        (1, "+", 2, 3),
        (1, "+", 0.5, 1.5),
        ("a", "+", 1, "a1"),
        (1, "+", "a", "1a"),
        ("a", "+", None, "anull"),
        ([1], "+", 2, [1, 2]),
        ([1], "+", [2, 3], [1, 2, 3]),
        (3, "-", 1, 2),
        ([1, 2, 1], "-", 1, [2]),
        ([1, 2, 3], "-", [1, 3], [2]),
        (3, "*", 4, 12),
        (7, "/", 2, 3),
        (-7, "/", 2, -3),
        (7, "/", -2, -3),
        (7, "/", 2.0, 3.5),
        (Decimal("0.3"), "+", 0.1, Decimal("0.4")),
        (7, "%", 4, 3),
        (-7, "%", 4, -3),
        (7, "%", -4, 3),
        ("a", "~", None, "a"),
        (1, "~", [2], "1[2]"),
    ],
)
def test_arithmetic(left: Any, operator: str, right: Any, expected: object) -> None:
    assert apply(operator, left, right) == expected


def test_a_float_divided_by_zero_is_infinite_as_in_java() -> None:
    assert apply("/", 1.0, 0) == math.inf
    assert apply("/", -1.0, 0) == -math.inf
    assert math.isnan(apply("/", 0.0, 0))


@pytest.mark.parametrize(("left", "operator", "right"), [(1, "/", 0), (1, "%", 0), (Decimal(1), "/", 0)])
def test_division_by_zero(left: Any, operator: str, right: Any) -> None:
    with pytest.raises(ExpressionError, match="Division by zero"):
        apply(operator, left, right)


@pytest.mark.parametrize(("left", "right"), [(True, 1), (None, 1), ({}, 1), (1, [])])
def test_arithmetic_needs_numbers_and_says_what_it_found(left: Any, right: Any) -> None:
    with pytest.raises(ExpressionError, match=f"found {name_of(left)} and {name_of(right)}"):
        apply("*", left, right)


def test_numbers_have_a_bound() -> None:
    with pytest.raises(LimitExceeded):
        apply("*", 2**4000, 2**4000)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (2, 2.0, True),
        ("2", 2, False),
        (True, 1, False),
        (None, None, True),
        ([1, 2.0], [1.0, 2], True),
        ([1], [1, 2], False),
        ({"a": 1}, {"a": 1}, True),
        ("a", "A", False),
    ],
)
def test_equality(left: Any, right: Any, same: bool) -> None:
    assert apply("==", left, right) is same
    assert apply("equals", left, right) is same
    assert apply("!=", left, right) is not same


def test_order_of_numbers_texts_and_dates() -> None:
    early, late = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 1, 2, tzinfo=UTC)
    for low, high in ((1, 1.5), ("a", "b"), (early, late)):
        assert [apply(o, low, high) for o in ("<", "<=", ">", ">=")] == [True, True, False, False]
        assert [apply(o, low, low) for o in ("<", "<=", ">", ">=")] == [False, True, False, True]


def test_null_is_neither_less_nor_more() -> None:
    assert not any(apply(operator, None, 1) for operator in ("<", "<=", ">", ">="))


def test_kinds_cannot_be_ordered_against_one_another() -> None:
    with pytest.raises(ExpressionError, match="cannot compare text with number"):
        apply("<", "1", 2)


@pytest.mark.parametrize(
    ("left", "right", "found"),
    [
        ([1, 2], 1.0, True),
        ([1, 2], [2, 1], True),
        ([1, 2], [1, 3], False),
        ({"a": 1}, "a", True),
        ({"1": "x"}, 1, True),
        ("abc", "bc", True),
        ("a1", 1, True),
        ("abc", None, False),
        (None, "a", False),
    ],
)
def test_contains(left: Any, right: Any, found: bool) -> None:
    assert apply("contains", left, right) is found


def test_is_in_is_contains_from_the_other_side() -> None:
    assert apply("isIn", 1, [1, 2])
    assert apply("isIn", "a", {"a": 1})
    assert not apply("isIn", [1, 2], [1, 2]), "a list is one element"
    assert apply("isNotIn", 3, [1, 2])
    assert not apply("isIn", 1, None)


def test_a_number_contains_nothing() -> None:
    with pytest.raises(ExpressionError, match="needs a list, a map or a text"):
        apply("contains", 1, 1)


@pytest.mark.parametrize(
    ("start", "end", "step", "expected"),
    [
        (1, 3, 1, [1, 2, 3]),
        (3, 1, 1, [3, 2, 1]),
        (1, 1, 1, [1]),
        (0, 10, 4, [0, 4, 8]),
        ("a", "c", 1, ["a", "b", "c"]),
        ("c", "a", 1, ["c", "b", "a"]),
    ],
)
def test_ranges_hold_both_ends_and_may_count_down(
    start: Any, end: Any, step: int, expected: list[object]
) -> None:
    assert span(start, end, step, a_budget()) == expected


@pytest.mark.parametrize(("start", "end", "step"), [(1, "a", 1), ("ab", "c", 1), (1, 2.5, 1), (1, 2, 0)])
def test_no_range(start: Any, end: Any, step: int) -> None:
    with pytest.raises(ExpressionError, match="A range needs two integers"):
        span(start, end, step, a_budget())


def test_a_range_has_a_bound() -> None:
    assert len(span(1, 10, 1, a_budget(), most=10)) == 10
    with pytest.raises(LimitExceeded):
        span(1, 11, 1, a_budget(), most=10)


def test_a_boolean_is_no_number() -> None:
    assert not is_number(True)
    assert is_number(Decimal(1))
