"""Dates in expressions: reading a moment from a value, and moving it."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal

from contracts.language.expression.date_reading import parse_iso, parse_pattern, zone
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.nano import with_rest
from contracts.language.expression.operator import name_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3), (10**20, 1))
"""Numbers below the first are since 1970 in units of so many nanoseconds: seconds, milliseconds, microseconds, nanoseconds. As
seconds a number of the second kind would be after the year 5000."""
_BEYOND_MICROS = re.compile(r"\.[0-9]{6}([0-9]{1,3})")


def to_moment(
    value: object, zone_name: str | None, existing: str | None, language: str | None = None
) -> datetime:
    """Return an aware moment in the zone. A local date is noon if it is a value, and the start of the day if it is text."""
    where = zone(zone_name)
    if isinstance(value, datetime):
        return value.astimezone(where) if value.tzinfo else value.replace(tzinfo=where)
    if isinstance(value, date):
        return datetime.combine(value, time(12), where)
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return _since_epoch(value, where)
    if isinstance(value, str):
        parsed = parse_pattern(value, existing, language) if existing else parse_iso(value)
        at = parsed.astimezone(where) if parsed.tzinfo else parsed.replace(tzinfo=where)
        return at if existing else _to_the_nanosecond(at, value)
    raise ExpressionError(f"Expected a date, found {name_of(value)}")


def _since_epoch(value: float | Decimal, where: tzinfo) -> datetime:
    size = abs(Decimal(str(value)))
    factor = next((factor for most, factor in _UNITS if size < most), None)
    try:
        if factor is None:
            raise OverflowError
        nanos = value * factor if isinstance(value, int) else int(Decimal(str(value)) * factor)
        micros, rest = divmod(nanos, 1000)
        return with_rest((_EPOCH + timedelta(microseconds=micros)).astimezone(where), rest)
    except (ValueError, ArithmeticError) as error:
        raise ExpressionError(f"{value} is not a time since 1970") from error


def _to_the_nanosecond(at: datetime, text: str) -> datetime:
    found = _BEYOND_MICROS.search(text)
    return at if found is None else with_rest(at, int(found[1].ljust(3, "0")))


def shift(at: datetime, amount: int, unit: str) -> datetime:
    """Move a moment. ``unit`` is one of Java's ChronoUnit, in upper case."""
    fixed = {
        "NANOS": 1e-9,
        "MICROS": 1e-6,
        "MILLIS": 1e-3,
        "SECONDS": 1,
        "MINUTES": 60,
        "HOURS": 3600,
        "HALF_DAYS": 43200,
    }
    try:
        if unit in fixed:
            return (at.astimezone(UTC) + timedelta(seconds=amount * fixed[unit])).astimezone(at.tzinfo)
        if unit in {"DAYS", "WEEKS"}:
            return at + timedelta(days=amount * (7 if unit == "WEEKS" else 1))
        months = {"MONTHS": 1, "YEARS": 12, "DECADES": 120, "CENTURIES": 1200}.get(unit)
        if months is None:
            raise ExpressionError(f"Unknown unit `{unit}`; use NANOS … HOURS, DAYS, WEEKS, MONTHS or YEARS")
        total = at.year * 12 + at.month - 1 + amount * months
        year, month = divmod(total, 12)
        _, last = monthrange(year, month + 1)
        return at.replace(year=year, month=month + 1, day=min(at.day, last))
    except (OverflowError, ValueError) as error:
        raise ExpressionError(f"The date is out of range: {error}") from error
