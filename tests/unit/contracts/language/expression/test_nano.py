"""Moments to the nanosecond."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from contracts.language.expression.nano import nanoseconds, with_rest

AT = datetime(2024, 3, 10, 15, 4, 5, 123_456, tzinfo=UTC)


def test_the_rest_is_beside_the_microseconds() -> None:
    assert nanoseconds(AT) == 123_456_000
    assert nanoseconds(with_rest(AT, 789)) == 123_456_789
    assert with_rest(AT, 789) == AT
    assert with_rest(AT, 0) is AT


def test_arithmetic_loses_the_rest_only() -> None:
    assert nanoseconds(with_rest(AT, 789) + timedelta(seconds=1)) == 123_456_000
