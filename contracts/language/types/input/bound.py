"""Whether a value lies between two others. Both bounds are inclusive."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import TypeVar

Moment = TypeVar("Moment", date, datetime, time)


def outside(value: float, low: float | None, high: float | None) -> list[str]:
    causes = []
    if low is not None and value < low:
        causes.append(f"it must be more than `{low}`")
    if high is not None and value > high:
        causes.append(f"it must be less than `{high}`")
    return causes


def outside_time(value: Moment, after: Moment | None, before: Moment | None) -> list[str]:
    causes: list[str] = []
    if after is not None and value < after:
        causes.append(f"it must be after `{_shown(after)}`")
    if before is not None and value > before:
        causes.append(f"it must be before `{_shown(before)}`")
    return causes


def _shown(moment: date | datetime | time) -> str:
    """As Java prints it: a time of day without seconds that are zero."""
    if isinstance(moment, datetime):
        return moment.isoformat().replace("+00:00", "Z")
    if isinstance(moment, time):
        return moment.isoformat("auto" if moment.second or moment.microsecond else "minutes")
    return moment.isoformat()
