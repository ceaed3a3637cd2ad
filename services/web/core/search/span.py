"""A span of time, and the parts into which a chart divides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

from contracts.scalars import Millis, to_millis
from services.web.core.instant import parse_instant
from services.web.core.problem import bad_request

Aggregation: TypeAlias = Literal["sum", "avg", "min", "max"]
Part: TypeAlias = Literal["minute", "hour", "day", "week", "month"]
_HOUR = 3_600_000
_DAY = 24 * _HOUR
_DEFAULT = 30 * _DAY
_PARTS: tuple[tuple[int, Part], ...] = (
    (365 * _DAY, "month"),
    (180 * _DAY, "week"),
    (_DAY, "day"),
    (6 * _HOUR, "hour"),
)
"""Spans longer than the first value are divided into parts of the second."""


@dataclass(frozen=True, slots=True)
class Span:
    first: Millis
    last: Millis

    @property
    def part(self) -> Part:
        return next((part for most, part in _PARTS if self.last - self.first > most), "minute")


def span_of(start: str | None, end: str | None, now: Millis) -> Span:
    """Raises Problem 400."""
    last = now if not end else _instant("endDate", end)
    first = last - _DEFAULT if not start else _instant("startDate", start)
    if first > last:
        raise bad_request("`startDate` is after `endDate`")
    return Span(first, last)


def aggregation_of(text: str | None) -> Aggregation:
    """Raises Problem 400."""
    for known in get_args(Aggregation):
        if known == (text or "sum").lower():
            return known  # type: ignore[no-any-return] # one of the literals
    raise bad_request(f"`aggregation` must be one of {', '.join(get_args(Aggregation))}")


def _instant(name: str, text: str) -> Millis:
    found = parse_instant(text)
    if found is None:
        raise bad_request(f"`{name}` must be an instant such as 2026-01-31T12:00:00Z")
    return to_millis(found)
