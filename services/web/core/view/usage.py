"""Turns numbers of executions by day and state into the JSON that Kestra's clients read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from contracts.scalars import Millis, to_iso
from contracts.states import State
from services.web.core.view.page import Json


@dataclass(frozen=True, slots=True)
class DayOfState:
    """Executions that began on one day and are in one state. Durations are in seconds, of those that have ended."""

    day: Millis
    state: State
    count: int
    shortest: float
    longest: float
    together: float
    ended: int


def daily_counts(days: Iterable[DayOfState]) -> list[Json]:
    """Ascending. A day without executions is left out."""
    by_day: dict[Millis, list[DayOfState]] = {}
    for each in days:
        by_day.setdefault(each.day, []).append(each)
    return [_day(day, by_day[day]) for day in sorted(by_day)]


def _day(day: Millis, states: list[DayOfState]) -> Json:
    ended = [each for each in states if each.ended]
    number, together = sum(each.ended for each in ended), sum(each.together for each in ended)
    duration = {
        "min": min((each.shortest for each in ended), default=0.0),
        "avg": together / number if number else 0.0,
        "max": max((each.longest for each in ended), default=0.0),
        "sum": together,
        "count": number,
    }
    counts = {each.state.value: each.count for each in states}
    return {"startDate": to_iso(day), "duration": duration, "executionCounts": counts, "groupBy": "day"}
