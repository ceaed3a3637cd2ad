"""The windows of time within which a Flow trigger waits for several executions. Pure.

An execution belongs to the window in which it reached its state, whenever that is read.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

from contracts.language.types.trigger.time_window import TimeWindow
from contracts.scalars import Millis, to_datetime, to_millis
from services.trigger_listener.core.state import Met

DAY = timedelta(days=1)
Span: TypeAlias = tuple[Millis, Millis]
"""Start and end, both included."""


def span_of(window: TimeWindow, at: Millis, zone: str, known: Mapping[str, Met]) -> Span | None:
    """Return the window of an instant, or None if it lies in none. ``known``: what counts as met in the present window."""
    local = to_datetime(at).astimezone(ZoneInfo(window.timezone or zone))
    match window.type:
        case "SLIDING_WINDOW":
            return at - _ms(window.window or DAY), at
        case "DAILY_TIME_DEADLINE":
            span = _between(local, time(), window.deadline)
        case "DAILY_TIME_WINDOW":
            span = _between(local, window.start_time, window.end_time)
        case "DURATION_WINDOW":
            present = next((met for met in known.values() if met.start <= at <= met.end), None)
            if present is not None:
                return present.start, present.end
            return _consecutive(local, window)
    return span if span[0] <= at <= span[1] else None


def still_met(window: TimeWindow, span: Span, known: Mapping[str, Met]) -> dict[str, Met]:
    """Return what counts as met in this window."""
    if window.type == "SLIDING_WINDOW":
        latest = span[1] + (span[1] - span[0])
        return {part: met for part, met in known.items() if span[0] <= met.at <= latest}
    return {part: met for part, met in known.items() if (met.start, met.end) == span}


def _consecutive(local: datetime, window: TimeWindow) -> Span:
    """Windows follow one another from midnight on, or from a while after it."""
    length = window.window or DAY
    first = _at(local, local.date(), time()) + (window.window_advance or timedelta())
    number = (local.astimezone(UTC) - first.astimezone(UTC)) // length
    start = to_millis(first) + number * _ms(length)
    return start, start + _ms(length) - 1


def _between(local: datetime, start: time | None, end: time | None) -> Span:
    """Return the window of the day, which may end on the next one."""
    assert start is not None
    assert end is not None
    today = local.date()
    if start <= end:
        return to_millis(_at(local, today, start)), to_millis(_at(local, today, end))
    first = today if local.time() >= start else today - DAY
    return to_millis(_at(local, first, start)), to_millis(_at(local, first + DAY, end))


def _at(local: datetime, day: date, clock: time) -> datetime:
    return datetime.combine(day, clock.replace(tzinfo=None), local.tzinfo)


def _ms(length: timedelta) -> Millis:
    return max(1, round(length.total_seconds() * 1000))
