"""The windows of time of Flow triggers."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.language.types.trigger.time_window import TimeWindow
from contracts.scalars import to_iso
from services.trigger_listener.core.state import Met
from services.trigger_listener.core.window import span_of, still_met
from tests.support.rig.triggers import millis


def span(at: str, zone: str = "UTC", **written: Any) -> tuple[str, str] | None:
    found = span_of(TimeWindow.model_validate(written), millis(at), zone, {})
    return None if found is None else (to_iso(found[0])[:19], to_iso(found[1] + 1)[:19])


@pytest.mark.parametrize(
    ("at", "written", "expected"),
    [
        ("2026-03-01T08:00:00Z", {}, ("2026-03-01T00:00:00", "2026-03-02T00:00:00")),
        ("2026-03-01T08:00:00Z", {"window": "PT6H"}, ("2026-03-01T06:00:00", "2026-03-01T12:00:00")),
        ("2026-03-01T08:00:00Z", {"window": "PT10M"}, ("2026-03-01T08:00:00", "2026-03-01T08:10:00")),
        ("2026-03-01T08:00:00Z", {"window": "PT6H", "windowAdvance": "PT3H"}, ("2026-03-01T03:00:00", "2026-03-01T09:00:00")),
        ("2026-03-01T02:00:00Z", {"windowAdvance": "PT6H"}, ("2026-02-28T06:00:00", "2026-03-01T06:00:00")),
        ("2026-03-01T23:30:00Z", {"timezone": "Europe/Berlin"}, ("2026-03-01T23:00:00", "2026-03-02T23:00:00")),
        ("2026-03-01T08:00:00Z", {"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00"}, ("2026-03-01T00:00:00", "2026-03-01T09:00:00")),
        ("2026-03-01T09:00:01Z", {"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00"}, None),
        ("2026-03-01T08:30:00Z", {"type": "DAILY_TIME_DEADLINE", "deadline": "09:00:00", "timezone": "Europe/Berlin"}, None),
        ("2026-03-01T08:00:00Z", {"type": "DAILY_TIME_WINDOW", "startTime": "06:00", "endTime": "09:00"}, ("2026-03-01T06:00:00", "2026-03-01T09:00:00")),
        ("2026-03-01T05:00:00Z", {"type": "DAILY_TIME_WINDOW", "startTime": "06:00", "endTime": "09:00"}, None),
        ("2026-03-01T01:00:00Z", {"type": "DAILY_TIME_WINDOW", "startTime": "22:00", "endTime": "02:00"}, ("2026-02-28T22:00:00", "2026-03-01T02:00:00")),
    ],
)  # fmt: skip
def test_spans(at: str, written: dict[str, Any], expected: tuple[str, str] | None) -> None:
    assert span(at, **written) == expected


def test_midnight_is_that_of_the_server_unless_the_window_has_a_zone() -> None:
    assert span("2026-07-01T08:00:00Z", zone="Europe/Berlin") == (
        "2026-06-30T22:00:00",
        "2026-07-01T22:00:00",
    )


def test_a_day_of_the_clock_change_has_no_gap() -> None:
    """On 2026-03-29 the clocks of Berlin go forward."""
    first = span_of(
        TimeWindow(window="PT6H", timezone="Europe/Berlin"), millis("2026-03-29T03:00:00Z"), "UTC", {}
    )
    assert first is not None
    assert first[0] <= millis("2026-03-29T03:00:00Z") <= first[1]


def met(at: str, start: str, end: str) -> Met:
    return Met(millis(at), millis(start), millis(end), {}, {})


def test_a_window_that_began_goes_on_to_its_end() -> None:
    """Seven hours do not divide a day, so the one over midnight ends in the night."""
    window = TimeWindow(window="PT7H")
    known = {"a": met("2026-03-01T22:00:00Z", "2026-03-01T21:00:00Z", "2026-03-02T03:59:59.999Z")}
    found = span_of(window, millis("2026-03-02T01:00:00Z"), "UTC", known)
    assert found == (known["a"].start, known["a"].end)
    assert still_met(window, found, known) == known


def test_a_sliding_window_forgets_what_is_older_than_it() -> None:
    window = TimeWindow(type="SLIDING_WINDOW", window="PT1H")
    known = {
        "old": met("2026-03-01T06:59:00Z", "2026-03-01T06:00:00Z", "2026-03-01T06:59:00Z"),
        "new": met("2026-03-01T07:10:00Z", "2026-03-01T06:10:00Z", "2026-03-01T07:10:00Z"),
    }
    found = span_of(window, millis("2026-03-01T08:00:00Z"), "UTC", known)
    assert found is not None
    assert still_met(window, found, known).keys() == {"new"}
