from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.language.types.duration import format_duration, parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("PT5S", 5),
        ("PT1H30M", 5400),
        ("P1D", 86400),
        ("P1DT2H", 93600),
        ("PT0.25S", 0.25),
        ("PT-5S", -5),
        ("-PT5S", -5),
        ("pt1m", 60),
        ("PT0S", 0),
    ],
)
def test_days_and_time_are_read(text, seconds):
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text", ["P1W", "P1M", "P1Y", "5s", "", "P", "PT", "P1DT", "1H", "PT1S2M", "P9999999999D", "P9999999D T"]
)
def test_weeks_months_years_and_nonsense_are_refused(text):
    with pytest.raises(ValueError, match="duration"):
        parse_duration(text)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "PT0S"), (90, "PT1M30S"), (129600, "PT36H"), (0.5, "PT0.5S"), (-61.5, "PT-1M-1.5S")],
)
def test_durations_print_as_java_prints_them(seconds, text):
    assert format_duration(timedelta(seconds=seconds)) == text
