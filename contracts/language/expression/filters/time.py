"""Filters on dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from contracts.language.expression.date_printing import format_moment
from contracts.language.expression.frame import Frame
from contracts.language.expression.moment import shift, to_moment
from contracts.language.expression.vocabulary import ABSENT, Word, integer_of, text_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def optional(value: object) -> str | None:
    return None if value is ABSENT or value is None else text_of(value, "a date's argument")


def _date(
    _: Frame,
    value: object,
    form: object = ABSENT,
    zone: object = ABSENT,
    existing: object = ABSENT,
    locale: object = ABSENT,
) -> str | None:
    if value is None:
        return None
    at = to_moment(value, optional(zone), optional(existing), optional(locale))
    return format_moment(at, optional(form) or "iso", optional(locale))


def _date_add(  # noqa: PLR0913 - the language's parameters
    _: Frame,
    value: object,
    amount: object,
    unit: object,
    form: object = ABSENT,
    zone: object = ABSENT,
    existing: object = ABSENT,
    locale: object = ABSENT,
) -> str | None:
    if value is None:
        return None
    at = to_moment(value, optional(zone), optional(existing), optional(locale))
    moved = shift(at, integer_of(amount, "`dateAdd`"), text_of(unit, "`dateAdd`"))
    return format_moment(moved, optional(form) or "iso", optional(locale))


def _micros(value: object, zone: object, existing: object) -> int:
    at = to_moment(value, optional(zone), optional(existing))
    return (at - _EPOCH) // timedelta(microseconds=1)


def _timestamp(_: Frame, value: object, zone: object = ABSENT, existing: object = ABSENT) -> int | None:
    return None if value is None else _micros(value, zone, existing) // 1_000_000


def _timestamp_milli(_: Frame, value: object, zone: object = ABSENT, existing: object = ABSENT) -> int | None:
    return None if value is None else _micros(value, zone, existing) // 1_000


def _timestamp_micro(_: Frame, value: object, zone: object = ABSENT, existing: object = ABSENT) -> str | None:
    return None if value is None else str(_micros(value, zone, existing))


def _timestamp_nano(_: Frame, value: object, zone: object = ABSENT, existing: object = ABSENT) -> str | None:
    return None if value is None else str(_micros(value, zone, existing) * 1_000)


_WHEN = ("timeZone", "existingFormat")
TIME = {
    "date": Word(
        _date,
        ("format", "timeZone", "existingFormat", "locale"),
        doc="The date in a [format](../language/expressions.md#dates), in `timeZone` (UTC by default). `existingFormat` is the format of a date that is text. `locale` is a language tag such as `fr` or `de-AT`, for names of months and days.",
        example="{{ '2026-03-01T12:30:00Z' | date('yyyy-MM-dd') }} → 2026-03-01",
    ),
    "dateAdd": Word(
        _date_add,
        ("amount", "unit", "format", "timeZone", "existingFormat", "locale"),
        2,
        doc="The date `amount` units later. The units are those of Java's `ChronoUnit`, such as DAYS, HOURS and MONTHS.",
        example="{{ '2026-03-01T12:30:00Z' | dateAdd(-1, 'DAYS', 'iso_local_date') }} → 2026-02-28",
    ),
    "timestamp": Word(
        _timestamp,
        _WHEN,
        doc="Seconds since 1970.",
        example="{{ '2026-03-01T12:30:00Z' | timestamp }} → 1772368200",
    ),
    "timestampMilli": Word(
        _timestamp_milli,
        _WHEN,
        doc="Milliseconds since 1970.",
        example="{{ '2026-03-01T12:30:00Z' | timestampMilli }} → 1772368200000",
    ),
    "timestampMicro": Word(
        _timestamp_micro,
        _WHEN,
        doc="Microseconds since 1970, as text.",
        example="{{ '2026-03-01T12:30:00Z' | timestampMicro }} → 1772368200000000",
    ),
    "timestampNano": Word(
        _timestamp_nano,
        _WHEN,
        doc="Nanoseconds since 1970, as text.",
        example="{{ '2026-03-01T12:30:00Z' | timestampNano }} → 1772368200000000000",
    ),
}
