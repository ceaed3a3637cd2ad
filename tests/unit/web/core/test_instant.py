import pytest

from services.web.core.instant import iso_duration, parse_duration, parse_instant


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


@pytest.mark.parametrize("text", ["PT0S", "PT1.2S", "PT1H1M1.5S", "PT25H"])
def test_a_printed_duration_parses_to_itself(text):
    millis = parse_duration(text)
    assert millis is not None
    assert iso_duration(millis) == text


@pytest.mark.parametrize(("text", "millis"), [("P7D", 604_800_000), ("P1W", 604_800_000), ("-PT1S", -1000)])
def test_days_weeks_and_signs_are_durations(text, millis):
    assert parse_duration(text) == millis


@pytest.mark.parametrize("text", ["", "P", "PT", "1h", "P1Y", "PT1X"])
def test_what_is_no_fixed_duration_is_none(text):
    assert parse_duration(text) is None


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
    assert parse_instant(text) == 1_772_352_930_120


def test_what_is_no_instant_is_none():
    assert parse_instant("tomorrow") is None
