"""``isPublicHoliday``: the public holidays of countries, by a library that is loaded when somebody asks for the first time."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.frame import Frame
from contracts.language.expression.functions.calendar import day_of
from contracts.language.expression.vocabulary import Word, text_of

_NAME = "`isPublicHoliday`"
_MOST_YEARS = 256
"""Years of a country or of a part of it that are kept, each with some dozens of days."""


def _is_public_holiday(_: Frame, value: object, country: object, part: object = None) -> bool:
    below = None if part is None else text_of(part, _NAME)
    return is_holiday(day_of(value), text_of(country, _NAME), below)


def is_holiday(day: date, country: str, part: str | None) -> bool:
    """Raise ExpressionError for an unknown country, or if the library is not installed."""
    below = "" if part is None else part.strip().upper()
    return (day.month, day.day) in _holidays(country.strip().upper(), below, day.year)


@lru_cache(maxsize=_MOST_YEARS)
def _holidays(country: str, part: str, year: int) -> frozenset[tuple[int, int]]:
    """Return month and day of each. A part that the library does not know has the holidays of its country."""
    try:
        import holidays
    except ImportError:
        raise ExpressionError(f"{_NAME} needs the package holidays: install toccata[calendar]") from None
    try:
        known = holidays.country_holidays(country, years=year)
        if part and part in known.subdivisions:
            known = holidays.country_holidays(country, subdiv=part, years=year)
    except NotImplementedError:
        raise ExpressionError(
            f"{_NAME} does not know the country `{country[:20]}`: write its code of two letters, such as FR"
        ) from None
    return frozenset((day.month, day.day) for day in known)


HOLIDAY = {
    "isPublicHoliday": Word(
        _is_public_holiday,
        ("date", "countryCode", "subDivision"),
        2,
        doc="Whether the day is a public holiday of the country, or of a part of it by its ISO 3166-2 code.",
        example="{{ isPublicHoliday('2026-12-25', 'FR') }} → true",
    ),
}
