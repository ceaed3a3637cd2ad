"""Functions on calendar dates."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from contracts.language.expression.date_pattern import DAYS, not_too_long
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.frame import Frame
from contracts.language.expression.moment import to_moment
from contracts.language.expression.vocabulary import ABSENT, Word, list_of, word_of

_POSITIONS = {"FIRST": 1, "SECOND": 2, "THIRD": 3, "FOURTH": 4}
_SATURDAY = 5
_WEEK = 7


def at_of(value: object) -> datetime:
    """Return a date or an instant, in its own zone."""
    return (
        to_moment(value, None, None)
        if not isinstance(value, str)
        else to_moment(value, _zone_of(value), None)
    )


def day_of(value: object) -> date:
    """Return the day of a date or an instant, in its own zone."""
    return at_of(value).date()


def _zone_of(text: str) -> str | None:
    """Return the offset of a text that has one, so that its own day counts, not UTC's."""
    not_too_long(text, "The date")
    tail = text[10:]
    for mark in ("+", "-"):
        if mark in tail:
            return mark + tail.rsplit(mark, 1)[1].split("[")[0]
    return None


def _is_day_week_in_month(_: Frame, value: object, day: object, position: object) -> bool:
    wanted, place = (word_of(word, "`isDayWeekInMonth`").upper() for word in (day, position))
    return is_day_of_month(at_of(value), wanted, place)


def is_day_of_month(at: datetime, day: str, place: str) -> bool:
    """Return whether it is that weekday, by its English name, at that place in its month."""
    if DAYS[at.weekday()].upper() != day:
        return False
    if place == "LAST":
        return (at + timedelta(days=7)).month != at.month
    if place not in _POSITIONS:
        raise ExpressionError(
            f"`isDayWeekInMonth` does not know `{place}`; use FIRST, SECOND, THIRD, FOURTH or LAST"
        )
    return (at.day - 1) // 7 + 1 == _POSITIONS[place]


def _is_last_working_day(_: Frame, value: object, working: Any = ABSENT) -> bool:
    names = (
        {d.upper() for d in DAYS[:_SATURDAY]}
        if working is ABSENT
        else {
            word_of(d, "`isLastWorkingDay`").upper() for d in list_of(working, "`isLastWorkingDay`")[:_WEEK]
        }
    )
    at = at_of(value)
    if DAYS[at.weekday()].upper() not in names:
        return False
    following = at + timedelta(days=1)
    while following.month == at.month:
        if DAYS[following.weekday()].upper() in names:
            return False
        following += timedelta(days=1)
    return True


CALENDAR = {
    "dayOfWeek": Word(
        lambda _, value: DAYS[at_of(value).weekday()].upper(),
        ("date",),
        1,
        doc="The name of the day, in upper case.",
        example="{{ dayOfWeek('2026-03-01T12:30:00Z') }} → SUNDAY",
    ),
    "dayOfMonth": Word(
        lambda _, value: at_of(value).day,
        ("date",),
        1,
        doc="The day of the month, from 1.",
        example="{{ dayOfMonth('2026-03-01T12:30:00Z') }} → 1",
    ),
    "monthOfYear": Word(
        lambda _, value: at_of(value).month,
        ("date",),
        1,
        doc="The month, from 1.",
        example="{{ monthOfYear('2026-03-01T12:30:00Z') }} → 3",
    ),
    "hourOfDay": Word(
        lambda _, value: at_of(value).hour,
        ("date",),
        1,
        doc="The hour, from 0 to 23.",
        example="{{ hourOfDay('2026-03-01T12:30:00Z') }} → 12",
    ),
    "isWeekend": Word(
        lambda _, value: at_of(value).weekday() >= _SATURDAY,
        ("date",),
        1,
        doc="Whether the day is a Saturday or a Sunday.",
        example="{{ isWeekend('2026-03-01T12:30:00Z') }} → true",
    ),
    "isDayWeekInMonth": Word(
        _is_day_week_in_month,
        ("date", "dayOfWeek", "dayInMonth"),
        3,
        doc="Whether the date is the FIRST, SECOND, THIRD, FOURTH or LAST `dayOfWeek` of its month.",
        example="{{ isDayWeekInMonth('2026-03-01T12:30:00Z', 'SUNDAY', 'FIRST') }} → true",
    ),
    "isLastWorkingDay": Word(
        _is_last_working_day,
        ("date", "workingDays"),
        1,
        doc="Whether the date is the last working day of its month. `workingDays` are names of days, by default Monday to Friday.",
        example="{{ isLastWorkingDay('2026-03-31T12:00:00Z') }} → true",
    ),
    "isDateBefore": Word(
        lambda _, a, b: at_of(a) < at_of(b),
        ("date", "before"),
        2,
        doc="Whether `date` is earlier than `before`.",
        example="{{ isDateBefore('2026-03-01', '2026-03-02') }} → true",
    ),
    "isDateAfter": Word(
        lambda _, a, b: at_of(a) > at_of(b),
        ("date", "after"),
        2,
        doc="Whether `date` is later than `after`.",
        example="{{ isDateAfter('2026-03-01', '2026-03-02') }} → false",
    ),
    "isDateBetween": Word(
        lambda _, d, a, b: at_of(a) < at_of(d) < at_of(b),
        ("date", "after", "before"),
        3,
        doc="Whether `date` is later than `after` and earlier than `before`.",
        example="{{ isDateBetween('2026-03-02', '2026-03-01', '2026-03-03') }} → true",
    ),
}
