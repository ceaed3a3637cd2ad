"""Moments to the nanosecond. Python's have microseconds, so the rest goes beside them."""

from __future__ import annotations

from datetime import datetime


class NanoMoment(datetime):
    """A moment that was written with more than six decimals. Arithmetic loses the rest, and keeps the microseconds."""

    rest: int = 0
    """Nanoseconds beyond the microsecond, 0 to 999."""


def with_rest(at: datetime, rest: int) -> datetime:
    """Return the moment with these nanoseconds beyond its microsecond."""
    if not rest:
        return at
    found = NanoMoment.combine(at.date(), at.timetz()).replace(fold=at.fold)
    found.rest = rest
    return found


def nanoseconds(at: datetime) -> int:
    """Return the fraction of the second."""
    return at.microsecond * 1000 + (at.rest if isinstance(at, NanoMoment) else 0)
