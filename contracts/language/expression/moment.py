"""Dates in expressions: reading a moment from a value, and moving it."""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, date, datetime, time, timedelta

from contracts.language.expression.date_reading import parse_iso, parse_pattern, zone
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.operator import name_of


def to_moment(value: object, zone_name: str | None, existing: str | None) -> datetime:
    """Return an aware moment in the zone. A local date is noon if it is a value, and the start of the day if it is text."""
    where = zone(zone_name)
    if isinstance(value, datetime):
        return value.astimezone(where) if value.tzinfo else value.replace(tzinfo=where)
    if isinstance(value, date):
        return datetime.combine(value, time(12), where)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC).astimezone(where)
        except (ValueError, OverflowError, OSError) as error:
            raise ExpressionError(f"{value} is not a time in seconds since 1970") from error
    if isinstance(value, str):
        parsed = parse_pattern(value, existing) if existing else parse_iso(value)
        return parsed.astimezone(where) if parsed.tzinfo else parsed.replace(tzinfo=where)
    raise ExpressionError(f"Expected a date, found {name_of(value)}")


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
