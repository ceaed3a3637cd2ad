"""Reads a moment from a value, and moves it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.moment import shift, to_moment

PARIS = ZoneInfo("Europe/Paris")


@pytest.mark.parametrize(
    ("value", "zone", "existing", "moment"),
    [
        ("2025-03-01T09:05:00Z", None, None, datetime(2025, 3, 1, 9, 5, tzinfo=UTC)),
        ("2025-03-01T09:05:00", None, None, datetime(2025, 3, 1, 9, 5, tzinfo=UTC)),
        ("2025-07-01T09:00", "Europe/Paris", None, datetime(2025, 7, 1, 7, 0, tzinfo=UTC)),
        ("2025-07-01T09:00Z", "Europe/Paris", None, datetime(2025, 7, 1, 9, 0, tzinfo=UTC)),
        ("01/07/2025", "Europe/Paris", "dd/MM/yyyy", datetime(2025, 6, 30, 22, 0, tzinfo=UTC)),
        (1_740_819_900, None, None, datetime(2025, 3, 1, 9, 5, tzinfo=UTC)),
        (0.5, None, None, datetime(1970, 1, 1, microsecond=500_000, tzinfo=UTC)),
        (date(2025, 3, 1), None, None, datetime(2025, 3, 1, 12, tzinfo=UTC)),
        (datetime(2025, 7, 1, 9, 0, tzinfo=PARIS), None, None, datetime(2025, 7, 1, 7, 0, tzinfo=UTC)),
    ],
)
def test_values_that_mean_a_moment(
    value: object, zone: str | None, existing: str | None, moment: datetime
) -> None:
    assert to_moment(value, zone, existing) == moment


def test_a_moment_is_given_in_the_requested_zone() -> None:
    assert to_moment("2025-07-01T09:00Z", "Europe/Paris", None).hour == 11


@pytest.mark.parametrize("value", [True, [], {}, 10**20])
def test_values_that_mean_none(value: object) -> None:
    with pytest.raises(ExpressionError):
        to_moment(value, None, None)


START = datetime(2025, 1, 31, 10, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "unit", "moved"),
    [
        (90, "SECONDS", datetime(2025, 1, 31, 10, 1, 30, tzinfo=UTC)),
        (-1, "HALF_DAYS", datetime(2025, 1, 30, 22, 0, tzinfo=UTC)),
        (1, "DAYS", datetime(2025, 2, 1, 10, 0, tzinfo=UTC)),
        (-2, "WEEKS", datetime(2025, 1, 17, 10, 0, tzinfo=UTC)),
        (1, "MONTHS", datetime(2025, 2, 28, 10, 0, tzinfo=UTC)),
        (-2, "MONTHS", datetime(2024, 11, 30, 10, 0, tzinfo=UTC)),
        (11, "MONTHS", datetime(2025, 12, 31, 10, 0, tzinfo=UTC)),
        (-1, "YEARS", datetime(2024, 1, 31, 10, 0, tzinfo=UTC)),
        (1, "CENTURIES", datetime(2125, 1, 31, 10, 0, tzinfo=UTC)),
        (0, "DAYS", START),
    ],
)
def test_moments_later_and_earlier(amount: int, unit: str, moved: datetime) -> None:
    assert shift(START, amount, unit) == moved


def test_a_day_keeps_the_wall_clock_and_24_hours_do_not() -> None:
    before = datetime(2025, 3, 29, 12, 0, tzinfo=PARIS)  # the next night is an hour shorter
    assert shift(before, 1, "DAYS").hour == 12
    assert shift(before, 24, "HOURS").hour == 13


def test_a_year_after_a_leap_day_is_the_last_of_february() -> None:
    assert shift(datetime(2024, 2, 29, tzinfo=UTC), 1, "YEARS").day == 28


@pytest.mark.parametrize(
    ("amount", "unit"), [(1, "FORTNIGHTS"), (1, "days"), (10_000, "YEARS"), (10**12, "DAYS")]
)
def test_no_such_moment(amount: int, unit: str) -> None:
    with pytest.raises(ExpressionError):
        shift(START, amount, unit)


def test_the_end_of_the_calendar_can_be_reached() -> None:
    last = datetime(9999, 11, 30, tzinfo=UTC)
    assert shift(last, 1, "MONTHS") - last == timedelta(days=30)
