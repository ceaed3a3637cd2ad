"""Prints dates by a pattern (docs/language/expressions.md#dates)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

from contracts.language.expression.date_pattern import (
    DAYS,
    MONTHS,
    NAMED,
    Bracket,
    Letters,
    Literal,
    not_too_long,
    pieces,
)
from contracts.language.expression.errors import ExpressionError

Printer: TypeAlias = Callable[[datetime], str]


def format_moment(at: datetime, pattern: str) -> str:
    """Print a date. ``pattern`` may be a named one. Raise ExpressionError if it is wrong."""
    not_too_long(pattern, "The date format")
    return _printer(pattern)(at)


@lru_cache(maxsize=512)
def _printer(pattern: str) -> Printer:
    lowered = pattern.lower()
    if lowered == "rfc_1123_date_time":
        return _rfc_1123
    if lowered == "iso_instant":
        return lambda at: at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    printer = _joined(NAMED.get(lowered, pattern))
    if lowered in {"iso_date_time", "iso_zoned_date_time"}:
        without_zone = _joined("yyyy-MM-dd'T'HH:mm:ssXXX")
        return lambda at: printer(at) if isinstance(at.tzinfo, ZoneInfo) else without_zone(at)
    return printer


def _rfc_1123(at: datetime) -> str:
    if at.utcoffset() == timedelta(0):
        return format_datetime(at.astimezone(UTC), usegmt=True)
    return format_datetime(at)


def _joined(pattern: str) -> Printer:
    printers = _printers(pattern)
    return lambda at: "".join([printer(at) for printer in printers])


def _printers(pattern: str) -> tuple[Printer, ...]:
    printed: list[Printer] = []
    for piece in pieces(pattern):
        match piece:
            case Letters(letter, count):
                printed.append(_letter(letter, count, pattern))
            case Literal(text):
                printed.append(_constant(text))
            case Bracket():
                continue  # optional sections always print
    return tuple(printed)


def _constant(text: str) -> Printer:
    return lambda _: text


def _letter(letter: str, count: int, pattern: str) -> Printer:  # noqa: PLR0912, C901 - one branch a letter
    def padded(number: Callable[[datetime], int]) -> Printer:
        return lambda at: str(number(at)).rjust(count, "0")

    match letter:
        case "y" | "u":
            return (lambda at: f"{at.year % 100:02d}") if count == 2 else padded(lambda at: at.year)
        case "Y":
            return (lambda at: f"{_week(at)[0] % 100:02d}") if count == 2 else padded(lambda at: _week(at)[0])
        case "M" | "L":
            return _name_or_number(count, lambda at: at.month, lambda at: MONTHS[at.month - 1])
        case "d":
            return padded(lambda at: at.day)
        case "D":
            return padded(lambda at: at.timetuple().tm_yday)
        case "E":
            return lambda at: DAYS[at.weekday()] if count == 4 else DAYS[at.weekday()][:3]
        case "e":
            return padded(lambda at: at.isoweekday())
        case "w":
            return padded(lambda at: _week(at)[1])
        case "Q" | "q":
            return padded(lambda at: (at.month + 2) // 3)
        case "H":
            return padded(lambda at: at.hour)
        case "h":
            return padded(lambda at: at.hour % 12 or 12)
        case "K":
            return padded(lambda at: at.hour % 12)
        case "k":
            return padded(lambda at: at.hour or 24)
        case "m":
            return padded(lambda at: at.minute)
        case "s":
            return padded(lambda at: at.second)
        case "S":
            return lambda at: f"{at.microsecond * 1000:09d}"[:count].ljust(count, "0")
        case "n":
            return padded(lambda at: at.microsecond * 1000)
        case "A":
            return padded(
                lambda at: ((at.hour * 60 + at.minute) * 60 + at.second) * 1000 + at.microsecond // 1000
            )
        case "a":
            return lambda at: "AM" if at.hour < 12 else "PM"
        case "X" | "x" | "Z" | "O":
            return _offset(letter, count)
        case "V":
            return lambda at: str(at.tzinfo.key) if isinstance(at.tzinfo, ZoneInfo) else _offset("X", 3)(at)
        case "z":
            return lambda at: at.tzname() or ""
    raise ExpressionError(
        f"The date format `{pattern}` has the unknown letter `{letter}`; put text in single quotes"
    )


def _name_or_number(count: int, number: Callable[[datetime], int], name: Printer) -> Printer:
    if count <= 2:
        return lambda at: str(number(at)).rjust(count, "0")
    if count == 3:
        return lambda at: name(at)[:3]
    return (lambda at: name(at)[:1]) if count == 5 else name


def _week(at: datetime) -> tuple[int, int]:
    year, week, _ = at.isocalendar()
    return year, week


def _offset(letter: str, count: int) -> Printer:
    def run(at: datetime) -> str:
        minutes = int((at.utcoffset() or timedelta()).total_seconds()) // 60
        if letter == "X" and minutes == 0:
            return "Z"
        sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
        if letter == "O":
            return f"GMT{sign}{minutes // 60}" if minutes else "GMT"
        if letter == "Z":
            colon = ":" if count == 5 else ""
            return f"{sign}{minutes // 60:02d}{colon}{minutes % 60:02d}"
        if count == 1:
            return f"{sign}{minutes // 60:02d}" + (f"{minutes % 60:02d}" if minutes % 60 else "")
        return f"{sign}{minutes // 60:02d}{':' if count in {3, 5} else ''}{minutes % 60:02d}"

    return run
