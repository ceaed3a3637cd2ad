"""Dates to text, as Java's ``DateTimeFormatter`` prints them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from contracts.language.expression.date_printing import format_moment
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.nano import with_rest

MORNING = datetime(2025, 3, 1, 9, 5, 7, 120_345, tzinfo=UTC)
"""A Saturday."""
NIGHT = datetime(2024, 12, 30, 0, 30, tzinfo=UTC)
"""A Monday of week 1 of 2025."""
PARIS = datetime(2025, 7, 1, 14, 0, tzinfo=ZoneInfo("Europe/Paris"))
INDIA = datetime(2025, 7, 1, 14, 0, tzinfo=timezone(timedelta(hours=5, minutes=30)))


@pytest.mark.parametrize(
    ("pattern", "printed"),
    [
        ("yyyy-MM-dd HH:mm:ss", "2025-03-01 09:05:07"),
        ("yy M d", "25 3 1"),
        ("MMM MMMM MMMMM", "Mar March M"),
        ("E EEEE e", "Sat Saturday 6"),
        ("D DDD", "60 060"),
        ("Q", "1"),
        ("h:mm a", "9:05 AM"),
        ("H k K", "9 9 9"),
        ("S SSS SSSSSS SSSSSSSSS", "1 120 120345 120345000"),
        ("n", "120345000"),
        ("A", "32707120"),
        ("X XXX Z ZZZZZ O", "Z Z +0000 Z GMT"),
        ("x xx xxx", "+00 +0000 +00:00"),
        ("'week' w 'of' YYYY", "week 9 of 2025"),
        ("HH[:mm]", "09:05"),
        ("QQQ QQQQ qqq", "Q1 1st quarter Q1"),
        ("W", "0"),
        ("EEEEE MMMMM", "S M"),
        ("G GGGG y", "AD Anno Domini 2025"),
        ("ppH:mm", " 9:05"),
        ("zzzz", "Coordinated Universal Time"),
    ],
)
def test_letters(pattern: str, printed: str) -> None:
    assert format_moment(MORNING, pattern) == printed


def test_midnight_is_12_1_24_and_0_by_its_letters() -> None:
    assert format_moment(NIGHT, "h k K H a") == "12 24 0 0 AM"


def test_the_year_of_a_week_may_be_the_next_one() -> None:
    assert format_moment(NIGHT, "yyyy YYYY-'W'ww-e") == "2024 2025-W01-1"


@pytest.mark.parametrize(
    ("at", "pattern", "printed"),
    [
        (PARIS, "XXX VV z", "+02:00 Europe/Paris CEST"),
        (PARIS, "X Z O OOOO ZZZZ", "+02 +0200 GMT+2 GMT+02:00 GMT+02:00"),
        (INDIA, "X XX XXX", "+0530 +0530 +05:30"),
        (INDIA, "VV", "+05:30"),
    ],
)
def test_zones(at: datetime, pattern: str, printed: str) -> None:
    assert format_moment(at, pattern) == printed


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("iso", "2025-03-01T09:05:07.120345Z"),
        ("ISO_SEC", "2025-03-01T09:05:07Z"),
        ("sql", "2025-03-01 09:05:07.120345"),
        ("sql_seq", "2025-03-01 09:05:07"),
        ("sql_sec", "2025-03-01 09:05:07"),
        ("sql_milli", "2025-03-01 09:05:07.120"),
        ("iso_milli", "2025-03-01T09:05:07.120Z"),
        ("iso_date", "2025-03-01Z"),
        ("iso_local_date", "2025-03-01"),
        ("iso_local_time", "09:05:07"),
        ("iso_date_time", "2025-03-01T09:05:07Z"),
        ("iso_instant", "2025-03-01T09:05:07.120345Z"),
        ("iso_ordinal_date", "2025-060Z"),
        ("iso_week_date", "2025-W09-6Z"),
        ("rfc_1123_date_time", "Sat, 01 Mar 2025 09:05:07 GMT"),
        ("medium", "Mar 1, 2025, 9:05:07 AM"),
        ("short", "3/1/25, 9:05 AM"),
    ],
)
def test_named_formats(name: str, printed: str) -> None:
    assert format_moment(MORNING, name) == printed


def test_a_zoned_date_time_names_its_zone() -> None:
    assert format_moment(PARIS, "iso_zoned_date_time") == "2025-07-01T14:00:00+02:00[Europe/Paris]"
    assert format_moment(INDIA, "iso_zoned_date_time") == "2025-07-01T14:00:00+05:30"


def test_an_unknown_letter_is_refused_and_quoting_is_advised() -> None:
    with pytest.raises(ExpressionError, match="`T`, which is unknown; put text in single quotes"):
        format_moment(MORNING, "yyyy-MM-ddTHH")


@pytest.mark.parametrize(
    ("language", "pattern", "printed"),
    [
        ("fr", "EEEE d MMMM", "samedi 1 mars"),
        ("de", "EEEE, d. MMMM yyyy", "Samstag, 1. März 2025"),
        ("de-AT", "d. MMMM", "1. März"),
        ("es_ES", "MMM", "mar"),
        ("en", "EEE d MMM", "Sat 1 Mar"),
    ],
)
def test_names_are_those_of_the_language(language: str, pattern: str, printed: str) -> None:
    assert format_moment(MORNING, pattern, language) == printed


def test_the_styles_are_those_of_the_language() -> None:
    assert format_moment(MORNING, "full", "fr").startswith("samedi 1 mars 2025")


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(ExpressionError, match="Unknown locale `xx-yy-zz`"):
        format_moment(MORNING, "EEEE", "xx-yy-zz")


def test_nanoseconds_are_printed_if_they_were_written() -> None:
    assert format_moment(with_rest(MORNING, 678), "SSSSSSSSS n") == "120345678 120345678"
