from __future__ import annotations

import sys

import pytest

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.functions import holiday
from tests.support.expression import value_of


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("'2024-12-25', 'FR'", True),
        ("'2024-03-12', 'FR'", False),
        ("'2024-12-25T10:00:00Z', 'fr'", True),
        ("'2024-11-11', 'FR', 'IDF'", True),
        ("'2024-11-11', 'FR', ''", True),
        ("'2024-12-26', 'FR'", False),
        ("'2024-12-26', 'FR', '57'", True),
        ("'2024-12-25T23:30:00-05:00', 'US'", True),
        ("'2024-11-11', countryCode='DE', subDivision='BY'", False),
    ],
)
def test_a_day_is_a_public_holiday_or_not(call: str, expected: bool) -> None:
    assert value_of(f"isPublicHoliday({call})") is expected


@pytest.mark.parametrize(
    ("call", "reason"),
    [
        ("", "date"),
        ("'2024-12-25'", "countryCode"),
        ("'not-a-date', 'FR'", "not-a-date"),
        ("'2024-12-25', 'XX'", "does not know the country `XX`"),
        ("'2024-12-25', ['FR']", "needs text"),
    ],
)
def test_what_cannot_be_told_says_why(call: str, reason: str) -> None:
    with pytest.raises(ExpressionError, match=reason):
        value_of(f"isPublicHoliday({call})")


def test_without_the_library_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    holiday._holidays.cache_clear()
    monkeypatch.setitem(sys.modules, "holidays", None)
    with pytest.raises(ExpressionError, match=r"install toccata\[calendar\]"):
        value_of("isPublicHoliday('2024-12-25', 'FR')")
    holiday._holidays.cache_clear()
