"""Functions on calendar dates."""

from __future__ import annotations

import pytest

from contracts.language.expression.errors import ExpressionError
from tests.support.expression import value_of


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("dayOfWeek('2026-03-01')", "SUNDAY"),
        ("dayOfMonth('2026-03-01T12:30:00Z')", 1),
        ("monthOfYear('2026-03-01')", 3),
        ("hourOfDay('2026-03-01T12:30:00Z')", 12),
        ("hourOfDay('2026-03-01T00:30:00+02:00')", 0),
        ("dayOfMonth('2026-03-01T00:30:00+02:00')", 1),
        ("dayOfWeek('2026-02-28T23:30:00-05:00')", "SATURDAY"),
        ("isWeekend('2026-02-28')", True),
        ("isWeekend('2026-03-02')", False),
        ("isDayWeekInMonth('2026-03-08', 'SUNDAY', 'SECOND')", True),
        ("isDayWeekInMonth('2026-03-08', 'sunday', 'first')", False),
        ("isDayWeekInMonth('2026-03-08', 'MONDAY', 'SECOND')", False),
        ("isDayWeekInMonth('2026-03-29', 'SUNDAY', 'LAST')", True),
        ("isDayWeekInMonth('2026-03-22', 'SUNDAY', 'LAST')", False),
        ("isLastWorkingDay('2026-02-27')", True),
        ("isLastWorkingDay('2026-02-28')", False),
        ("isLastWorkingDay('2026-02-26')", False),
        ("isLastWorkingDay('2026-02-28', ['SATURDAY'])", True),
        ("isLastWorkingDay('2026-12-31')", True),
        ("isDateBefore('2026-03-01', '2026-03-02')", True),
        ("isDateBefore('2026-03-01', '2026-03-01')", False),
        ("isDateAfter('2026-03-02T00:00:00Z', '2026-03-02T01:00:00+02:00')", True),
        ("isDateBetween('2026-03-02', '2026-03-01', '2026-03-03')", True),
        ("isDateBetween('2026-03-01', '2026-03-01', '2026-03-03')", False),
    ],
)
def test_functions(expression: str, expected: object) -> None:
    assert value_of(expression) == expected


def test_a_place_that_no_month_has_is_refused() -> None:
    with pytest.raises(ExpressionError, match="FIRST, SECOND, THIRD, FOURTH or LAST"):
        value_of("isDayWeekInMonth('2026-03-01', 'SUNDAY', 'FIFTH')")
