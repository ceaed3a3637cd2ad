from __future__ import annotations

from datetime import datetime
from itertools import pairwise

import pytest

from services.trigger_listener.core.slot import InvalidCron, iso_at, parse_cron, slot_after, slot_before


def millis(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


def slots(line: str, start: str, count: int, zone: str = "UTC", *, seconds: bool = False) -> list[str]:
    cron = parse_cron(line, zone, with_seconds=seconds)
    instant: int | None = millis(start)
    found = []
    for _ in range(count):
        assert instant is not None
        instant = slot_after(cron, instant)
        assert instant is not None
        found.append(iso_at(instant, zone))
    return found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("0 9 * * *", "2026-03-01T09:00:00Z"),
        ("*/15 * * * *", "2026-03-01T08:30:00Z"),
        ("5/20 8 * * *", "2026-03-01T08:25:00Z"),
        ("0 0 1 jan *", "2027-01-01T00:00:00Z"),
        ("0 0 * * 0", "2026-03-08T00:00:00Z"),
        ("0 0 * * 7", "2026-03-08T00:00:00Z"),
        ("0 0 * * SUN", "2026-03-08T00:00:00Z"),
        ("0 0 * * MON-FRI", "2026-03-02T00:00:00Z"),
        ("0 0 * * 5-7", "2026-03-06T00:00:00Z"),
        ("0 12 29 2 *", "2028-02-29T12:00:00Z"),
        ("@hourly", "2026-03-01T09:00:00Z"),
        ("@daily", "2026-03-02T00:00:00Z"),
        ("@Midnight", "2026-03-02T00:00:00Z"),
        ("@weekly", "2026-03-08T00:00:00Z"),
        ("@monthly", "2026-04-01T00:00:00Z"),
        ("@yearly", "2027-01-01T00:00:00Z"),
        ("@annually", "2027-01-01T00:00:00Z"),
    ],
)
def test_the_next_slot_of_a_line(line: str, expected: str) -> None:
    assert slots(line, "2026-03-01T08:15:00+00:00", 1) == [expected]


def test_both_day_fields_restricted_either_matches() -> None:
    assert slots("0 0 13 * 5", "2026-03-01T00:00:00+00:00", 4) == [
        "2026-03-06T00:00:00Z",
        "2026-03-13T00:00:00Z",
        "2026-03-20T00:00:00Z",
        "2026-03-27T00:00:00Z",
    ]


def test_with_seconds_a_field_leads() -> None:
    found = slots("*/20 30 9 * * *", "2026-03-01T09:29:00+00:00", 4, seconds=True)

    assert found == [
        "2026-03-01T09:30:00Z",
        "2026-03-01T09:30:20Z",
        "2026-03-01T09:30:40Z",
        "2026-03-02T09:30:00Z",
    ]


def test_a_slot_is_strictly_after_and_strictly_before() -> None:
    cron = parse_cron("0 9 * * *", "UTC", with_seconds=False)
    nine = millis("2026-03-01T09:00:00+00:00")
    day = 86_400_000

    assert slot_after(cron, nine - 1) == nine
    assert slot_after(cron, nine) == nine + day
    assert slot_before(cron, nine + 1) == nine
    assert slot_before(cron, nine) == nine - day


def test_times_are_those_of_the_zone() -> None:
    assert slots("0 9 * * *", "2026-01-05T00:00:00+00:00", 1, "America/New_York") == [
        "2026-01-05T09:00:00-05:00"
    ]
    assert slots("0 9 * * *", "2026-07-05T00:00:00+00:00", 1, "Asia/Kolkata") == ["2026-07-05T09:00:00+05:30"]


@pytest.mark.parametrize("seconds", [False, True])
def test_a_time_that_does_not_exist_runs_at_the_first_that_does(seconds: bool) -> None:
    """Berlin, 29 March 2026: 02:00 becomes 03:00."""
    line = "0 30 2 * * *" if seconds else "30 2 * * *"

    found = slots(line, "2026-03-28T00:00:00+00:00", 3, "Europe/Berlin", seconds=seconds)

    assert found == ["2026-03-28T02:30:00+01:00", "2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"]


def test_times_that_fall_together_in_the_gap_run_once() -> None:
    found = slots("0,30 2,3 * * *", "2026-03-29T00:30:00+00:00", 3, "Europe/Berlin")

    assert found == ["2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00", "2026-03-30T02:00:00+02:00"]


@pytest.mark.parametrize("seconds", [False, True])
def test_a_time_that_exists_twice_runs_the_first_time(seconds: bool) -> None:
    """Berlin, 25 October 2026: 03:00 becomes 02:00."""
    line = "0 30 2 * * *" if seconds else "30 2 * * *"

    found = slots(line, "2026-10-24T12:00:00+00:00", 2, "Europe/Berlin", seconds=seconds)

    assert found == ["2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"]


def test_asked_within_the_repeated_hour_the_slot_before_is_not_repeated() -> None:
    cron = parse_cron("30 2 * * *", "Europe/Berlin", with_seconds=False)
    second_time = millis("2026-10-25T02:10:00+01:00")

    assert slot_after(cron, second_time) == millis("2026-10-26T02:30:00+01:00")
    assert slot_before(cron, second_time) == millis("2026-10-25T02:30:00+02:00")


def test_a_wildcard_line_follows_real_time_through_both_changes() -> None:
    cron = parse_cron("*/30 * * * *", "Europe/Berlin", with_seconds=False)
    for start in ("2026-03-29T00:00:00+01:00", "2026-10-25T00:00:00+02:00"):
        instant = millis(start)
        found = [instant]
        for _ in range(12):
            instant = slot_after(cron, instant) or 0
            found.append(instant)
        assert {after - before for before, after in pairwise(found)} == {1_800_000}


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe"])
@pytest.mark.parametrize(
    "line", ["30 2 * * *", "*/20 * * * *", "0 1-3 * * 0", "0 12 1 * *", "15 */2 * * *", "*/7 2 * * *"]
)
def test_backwards_gives_the_same_slots_as_forwards(line: str, zone: str) -> None:
    cron = parse_cron(line, zone, with_seconds=False)
    for start in ("2026-03-28T00:00:00+00:00", "2026-10-24T00:00:00+00:00", "2026-10-31T12:00:00+00:00"):
        instant = millis(start)
        forwards = []
        for _ in range(150):
            instant = slot_after(cron, instant) or 0
            forwards.append(instant)
        backwards = [forwards[-1]]
        while len(backwards) < len(forwards):
            backwards.append(slot_before(cron, backwards[-1]) or 0)
        assert backwards == forwards[::-1]


def test_a_change_of_half_an_hour_keeps_the_minute_of_the_wall_clock() -> None:
    """Lord Howe, 5 April 2026: 02:00 becomes 01:30."""
    found = slots("15 */2 * * *", "2026-04-04T13:20:00+00:00", 3, "Australia/Lord_Howe")

    assert found == ["2026-04-05T02:15:00+10:30", "2026-04-05T04:15:00+10:30", "2026-04-05T06:15:00+10:30"]


def test_a_line_that_never_matches_has_no_slot() -> None:
    cron = parse_cron("0 0 31 2,4 1", "UTC", with_seconds=False)
    assert slot_after(cron, 0) is not None, "Mondays match"
    with pytest.raises(InvalidCron):
        parse_cron("0 0 30 2 *", "UTC", with_seconds=False)


@pytest.mark.parametrize(
    ("line", "seconds", "zone"),
    [
        ("", False, "UTC"),
        ("* * * *", False, "UTC"),
        ("60 * * * *", False, "UTC"),
        ("* * * * * *", False, "UTC"),
        ("* * * * *", True, "UTC"),
        ("0 0 L * *", False, "UTC"),
        ("0 0 ? * 1#2", False, "UTC"),
        ("@reboot", False, "UTC"),
        ("0 9 * * *", False, "Mars/Olympus"),
        ("0 9 * * *", False, "../etc/passwd"),
        ("0 9 * * *", False, ""),
    ],
)
def test_what_is_no_line_or_zone_is_refused(line: str, seconds: bool, zone: str) -> None:
    with pytest.raises(InvalidCron):
        parse_cron(line, zone, with_seconds=seconds)
