"""Text to dates by a pattern or in ISO format, and the names of time zones."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest

from contracts.language.expression.date_reading import parse_iso, parse_pattern, zone
from contracts.language.expression.errors import ExpressionError

INDIA = timezone(timedelta(hours=5, minutes=30))


def local(*fields: int) -> datetime:
    return datetime(*fields)  # type: ignore[arg-type] # noqa: DTZ001 - as a text without a zone reads


@pytest.mark.parametrize(
    ("text", "pattern", "read"),
    [
        ("2025-03-01 09:05", "yyyy-MM-dd HH:mm", local(2025, 3, 1, 9, 5)),
        ("1.3.25", "d.M.yy", local(2025, 3, 1)),
        ("Mar 1, 2025", "MMM d, yyyy", local(2025, 3, 1)),
        ("1 march 2025", "d MMMM yyyy", local(2025, 3, 1)),
        ("Saturday 1/3/2025", "EEEE d/M/yyyy", local(2025, 3, 1)),
        ("12:30 AM", "h:mm a", local(1970, 1, 1, 0, 30)),
        ("12:30 pm", "h:mm a", local(1970, 1, 1, 12, 30)),
        ("2025-060", "yyyy-DDD", local(2025, 3, 1)),
        ("20250301T0905", "yyyyMMdd'T'HHmm", local(2025, 3, 1, 9, 5)),
        ("09:05:07.120", "HH:mm:ss.SSS", local(1970, 1, 1, 9, 5, 7, 120_000)),
        ("09:05", "HH:mm[:ss]", local(1970, 1, 1, 9, 5)),
        ("09:05:07", "HH:mm[:ss]", local(1970, 1, 1, 9, 5, 7)),
        ("2025-03-01T09:05+05:30", "yyyy-MM-dd'T'HH:mmXXX", datetime(2025, 3, 1, 9, 5, tzinfo=INDIA)),
        ("2025-03-01T09:05Z", "yyyy-MM-dd'T'HH:mmX", datetime(2025, 3, 1, 9, 5, tzinfo=UTC)),
        (
            "2025-07-01 14:00 Europe/Paris",
            "yyyy-MM-dd HH:mm VV",
            datetime(2025, 7, 1, 14, 0, tzinfo=ZoneInfo("Europe/Paris")),
        ),
        ("2025-03-01 09:05:07", "sql_seq", local(2025, 3, 1, 9, 5, 7)),
        ("2025-03-01", "iso_local_date", local(2025, 3, 1)),
        (
            "Sat, 01 Mar 2025 09:05:07 GMT",
            "rfc_1123_date_time",
            datetime(2025, 3, 1, 9, 5, 7, tzinfo=UTC),
        ),
    ],
)
def test_patterns(text: str, pattern: str, read: datetime) -> None:
    found = parse_pattern(text, pattern)
    assert (found, found.tzinfo is None) == (read, read.tzinfo is None)


@pytest.mark.parametrize(
    ("text", "pattern", "message"),
    [
        ("2025-3-1", "yyyy-MM-dd", "does not fit"),
        ("2025-13-01", "yyyy-MM-dd", "is not a date"),
        ("2025-02-30", "yyyy-MM-dd", "is not a date"),
        ("1 Foo 2025", "d MMM yyyy", "is not a date"),
        ("x", "yyyy Q", "only printing supports"),
        ("soon", "rfc_1123_date_time", "RFC 1123"),
    ],
)
def test_what_does_not_fit_is_refused(text: str, pattern: str, message: str) -> None:
    with pytest.raises(ExpressionError, match=message):
        parse_pattern(text, pattern)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("2025-03-01", local(2025, 3, 1)),
        ("2025-03-01T09:05", local(2025, 3, 1, 9, 5)),
        (" 2025-03-01T09:05:07Z ", datetime(2025, 3, 1, 9, 5, 7, tzinfo=UTC)),
        ("2025-03-01T09:05:07.123456789Z", datetime(2025, 3, 1, 9, 5, 7, 123_456, tzinfo=UTC)),
        ("2025-07-01T14:00+02:00[Europe/Paris]", datetime(2025, 7, 1, 12, 0, tzinfo=UTC)),
    ],
)
def test_iso(text: str, read: datetime) -> None:
    assert parse_iso(text) == read


def test_what_is_not_iso_is_refused_and_a_format_is_advised() -> None:
    with pytest.raises(ExpressionError, match="existingFormat"):
        parse_iso("1.3.2025")


@pytest.mark.parametrize(
    ("name", "offset"),
    [
        (None, timedelta()),
        ("UTC", timedelta()),
        ("z", timedelta()),
        ("GMT", timedelta()),
        ("+05:30", timedelta(hours=5, minutes=30)),
        ("-0330", timedelta(hours=-3, minutes=-30)),
        ("UTC+2", timedelta(hours=2)),
        ("Europe/Paris", timedelta(hours=2)),
    ],
)
def test_zones(name: str | None, offset: timedelta) -> None:
    assert zone(name).utcoffset(local(2025, 7, 1)) == offset


@pytest.mark.parametrize("name", ["Mars/Olympus", "../etc/passwd", ""])
def test_an_unknown_zone_is_refused(name: str) -> None:
    with pytest.raises(ExpressionError, match="Unknown time zone"):
        zone(name)
