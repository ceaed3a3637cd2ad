"""Reads dates by a pattern or in ISO format (docs/language/expressions.md#dates), and finds time zones
by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from email.utils import parsedate_to_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from contracts.language.expression.date_names import Names, names_of
from contracts.language.expression.date_pattern import (
    NAMED,
    Bracket,
    Letters,
    Literal,
    Piece,
    not_too_long,
    pieces,
)
from contracts.language.expression.errors import ExpressionError

_READ: Mapping[str, str] = {
    "d": r"(?P<day>\d{1,2})", "H": r"(?P<hour>\d{1,2})", "h": r"(?P<hour12>\d{1,2})", "m": r"(?P<minute>\d{1,2})",
    "s": r"(?P<second>\d{1,2})", "S": r"(?P<fraction>\d{1,9})", "a": r"(?P<half>[AaPp][Mm])",
    "E": r"[^\W\d_]+\.?", "D": r"(?P<yday>\d{1,3})", "V": r"(?P<zone>[\w/+:-]+)", "z": r"(?P<zone>[\w/+:-]+)",
    "X": r"(?P<offset>Z|[+-]\d{2}:?(?:\d{2})?)", "x": r"(?P<offset>[+-]\d{2}:?(?:\d{2})?)", "Z": r"(?P<offset>[+-]\d{2}:?\d{2})",
}  # fmt: skip


def parse_pattern(text: str, pattern: str, language: str | None = None) -> datetime:
    """Return the date, aware if the pattern has a zone or offset. Raise ExpressionError if the text does not fit."""
    not_too_long(text, "The date")
    not_too_long(pattern, "The date format")
    lowered = pattern.lower()
    if lowered == "rfc_1123_date_time":
        try:
            return parsedate_to_datetime(text)
        except (TypeError, ValueError) as error:
            raise ExpressionError(f"`{text}` is not an RFC 1123 date") from error
    if lowered.startswith("iso") and lowered in NAMED | {"iso_instant": ""}:
        return parse_iso(text)
    match = _reader(NAMED.get(lowered, pattern)).fullmatch(text.strip())
    if match is None:
        raise ExpressionError(f"`{text}` does not fit the format `{pattern}`")
    try:
        fields = {key: value for key, value in match.groupdict().items() if value is not None}
        return _from_fields(fields, names_of(language))
    except ValueError as error:
        raise ExpressionError(f"`{text}` is not a date: {error}") from error


@lru_cache(maxsize=256)
def _reader(pattern: str) -> re.Pattern[str]:
    parts = [_expression(piece, pattern) for piece in pieces(pattern)]
    try:
        return re.compile("".join(parts))
    except re.error as error:
        raise ExpressionError(f"The date format `{pattern}` cannot be read: {error}") from error


def _expression(piece: Piece, pattern: str) -> str:
    match piece:
        case Literal(text):
            return re.escape(text)
        case Bracket(opens):
            return "(?:" if opens else ")?"
        case Letters("y" | "u", count):
            return r"(?P<year2>\d{2})" if count == 2 else r"(?P<year>\d{4})"
        case Letters("M" | "L", count):
            return r"(?P<month_name>[^\W\d_]+\.?)" if count > 2 else r"(?P<month>\d{1,2})"
        case Letters("S", count):
            return rf"(?P<fraction>\d{{{count}}})"
        case Letters("d" | "H" | "h" | "m" | "s" as letter, 2):
            return _READ[letter].replace("{1,2}", "{2}")
        case Letters(letter):
            if letter not in _READ:
                raise ExpressionError(
                    f"The date format `{pattern}` has the letter `{letter}`, which only printing supports"
                )
            return _READ[letter]


def _from_fields(fields: Mapping[str, str], names: Names) -> datetime:
    year = int(fields.get("year") or 2000 + int(fields.get("year2", "-30")))
    month = int(fields.get("month", 1))
    if "month_name" in fields:
        wanted = fields["month_name"].lower()
        forms = zip(
            names.months["wide"], names.months["abbreviated"], names.months_alone["wide"], strict=True
        )
        found = [i for i, words in enumerate(forms, 1) if wanted in {word.lower() for word in words}]
        if not found:
            raise ValueError(f"month {fields['month_name']!r}")
        month = found[0]
    hour = int(fields.get("hour", 0))
    if "hour12" in fields:
        hour = int(fields["hour12"]) % 12 + (12 if fields.get("half", "am").lower() == "pm" else 0)
    at = datetime(  # noqa: DTZ001 - naive unless the text has a zone
        year,
        month,
        int(fields.get("day", 1)),
        hour,
        int(fields.get("minute", 0)),
        int(fields.get("second", 0)),
        int(fields.get("fraction", "0").ljust(6, "0")[:6]),
    )
    if "yday" in fields:
        at += timedelta(days=int(fields["yday"]) - 1)
    name = fields.get("zone") or fields.get("offset")
    return at.replace(tzinfo=zone(name)) if name else at


def parse_iso(text: str) -> datetime:
    not_too_long(text, "The date")
    bare = re.sub(r"\[[^\]]*\]$", "", text.strip())
    fraction = re.search(r"\.(\d{7,9})", bare)
    if fraction:
        bare = bare.replace(fraction.group(), "." + fraction.group(1)[:6])
    try:
        return datetime.fromisoformat(bare)
    except ValueError as error:
        raise ExpressionError(f"`{text}` is not an ISO date; give its format as `existingFormat`") from error


def zone(name: str | None) -> tzinfo:
    """Return the zone of an IANA name or an offset. None gives UTC, the server's zone."""
    if name is None:
        return UTC
    not_too_long(name, "The time zone")
    return _zone(name)


@lru_cache(maxsize=256)
def _zone(name: str) -> tzinfo:
    offset = re.fullmatch(r"(?:UTC|GMT)?([+-])(\d{1,2}):?(\d{2})?", name)
    if offset:
        minutes = int(offset[2]) * 60 + int(offset[3] or 0)
        return timezone(timedelta(minutes=-minutes if offset[1] == "-" else minutes))
    if name.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as error:
        raise ExpressionError(f"Unknown time zone `{name}`") from error
