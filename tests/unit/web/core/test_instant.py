from datetime import UTC, datetime

import pytest

from services.web.core.instant import iso_duration, parse_instant


@pytest.mark.parametrize(
    ("millis", "text"),
    [
        (0, "PT0S"),
        (-5, "PT0S"),
        (62, "PT0.062S"),
        (1200, "PT1.2S"),
        (60_000, "PT1M"),
        (3_661_500, "PT1H1M1.5S"),
        (90_000_000, "PT25H"),
    ],
)
def test_durations_read_as_java_prints_them(millis, text):
    assert iso_duration(millis) == text


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T08:15:30.120Z",
        "2026-03-01T10:15:30.120+02:00",
        "2026-03-01T10:15:30.120 02:00",
        "2026-03-01T08:15:30.120",
    ],
)
def test_instants_are_understood_with_offset_and_with_a_plus_that_became_a_space(text):
    assert parse_instant(text) == datetime(2026, 3, 1, 8, 15, 30, 120_000, tzinfo=UTC)


def test_a_minute_after_a_space_is_no_lost_offset():
    assert parse_instant("2026-03-01 08:15") == datetime(2026, 3, 1, 8, 15, tzinfo=UTC)


@pytest.mark.parametrize("text", ["tomorrow", "", "2026-13-01"])
def test_what_is_no_instant_is_none(text):
    assert parse_instant(text) is None
