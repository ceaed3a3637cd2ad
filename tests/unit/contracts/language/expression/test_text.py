"""Values as templates print them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.text import duration_text, float_text, to_json, to_text
from tests.support.budget import a_budget


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (None, ""),
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (10**30, "1" + "0" * 30),
        ("a", "a"),
        (Decimal("1.50"), "1.50"),
        (Decimal("1E+3"), "1000"),
        ([1, "a", None], '[1,"a",null]'),
        ({"a": 1, "b": None}, '{"a":1}'),
        ({"a": {"b": [True]}}, '{"a":{"b":[true]}}'),
        ([2**64], "[18446744073709551616]"),
        (date(2025, 3, 1), "2025-03-01"),
        (time(9, 5), "09:05"),
        (time(9, 5, 7), "09:05:07"),
    ],
)
def test_values(value: object, printed: str) -> None:
    assert to_text(value, a_budget()) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (1.0, "1.0"),
        (0.5, "0.5"),
        (0.0, "0.0"),
        (9_999_999.0, "9999999.0"),
        (10_000_000.0, "1.0E7"),
        (12_345_678.0, "1.2345678E7"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (-1.5e20, "-1.5E20"),
        (float("nan"), "NaN"),
        (float("inf"), "Infinity"),
        (float("-inf"), "-Infinity"),
    ],
)
def test_doubles_print_as_in_java(value: float, printed: str) -> None:
    assert float_text(value) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (datetime(2025, 3, 1, 9, 5, tzinfo=UTC), "2025-03-01T09:05Z"),
        (datetime(2025, 3, 1, 9, 5, 7, tzinfo=UTC), "2025-03-01T09:05:07Z"),
        (datetime(2025, 3, 1, 9, 5, 7, 120_000, tzinfo=UTC), "2025-03-01T09:05:07.120Z"),
        (datetime(2025, 3, 1, 9, 5, 7, 123_456, tzinfo=UTC), "2025-03-01T09:05:07.123456Z"),
        (
            datetime(2025, 3, 1, 9, 5, tzinfo=timezone(-timedelta(hours=3, minutes=30))),
            "2025-03-01T09:05-03:30",
        ),
        (datetime(2025, 3, 1, 9, 5), "2025-03-01T09:05"),  # noqa: DTZ001 - a local date-time
    ],
)
def test_moments(value: datetime, printed: str) -> None:
    assert to_text(value, a_budget()) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (timedelta(), "PT0S"),
        (timedelta(seconds=90), "PT1M30S"),
        (timedelta(days=1, hours=2), "PT26H"),
        (timedelta(milliseconds=1_500), "PT1.5S"),
        (timedelta(seconds=-90), "PT-1M-30S"),
    ],
)
def test_durations_print_as_in_java(value: timedelta, printed: str) -> None:
    assert duration_text(value) == printed


def test_json_writes_durations_as_seconds_and_dates_as_they_print() -> None:
    value = {
        "for": timedelta(seconds=1.5),
        "at": datetime(2025, 3, 1, 9, 5, tzinfo=UTC),
        "n": Decimal("1.10"),
    }
    assert to_json(value, a_budget()) == '{"for":1.5,"at":"2025-03-01T09:05Z","n":1.10}'


def test_what_has_no_text_is_refused() -> None:
    with pytest.raises(ExpressionError, match="cannot be printed"):
        to_text(object(), a_budget())
    with pytest.raises(ExpressionError, match="cannot be written as JSON"):
        to_json([object()], a_budget())
