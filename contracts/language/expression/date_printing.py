"""Prints dates by a pattern (docs/language/expressions.md#dates)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import lru_cache
from typing import TypeAlias
from zoneinfo import ZoneInfo

from contracts.language.expression.date_names import Names, Widths, names_of, zone_name
from contracts.language.expression.date_pattern import (
    NAMED,
    Bracket,
    Letters,
    Literal,
    not_too_long,
    pieces,
)
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.nano import nanoseconds

Printer: TypeAlias = Callable[[datetime], str]


def format_moment(at: datetime, pattern: str, language: str | None = None) -> str:
    """Print a date. ``pattern`` may be a named one, ``language`` is a language tag. Raise ExpressionError if one is wrong."""
    not_too_long(pattern, "The date format")
    return _printer(pattern, language)(at)


@lru_cache(maxsize=512)
def _printer(pattern: str, language: str | None) -> Printer:
    lowered = pattern.lower()
    if lowered == "rfc_1123_date_time":
        return _rfc_1123
    if lowered == "iso_instant":
        return lambda at: at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    styles = names_of(language).styles
    printer = _joined(styles.get(lowered) or NAMED.get(lowered, pattern), language)
    if lowered in {"iso_date_time", "iso_zoned_date_time"}:
        without_zone = _joined("yyyy-MM-dd'T'HH:mm:ssXXX", language)
        return lambda at: printer(at) if isinstance(at.tzinfo, ZoneInfo) else without_zone(at)
    return printer


def _rfc_1123(at: datetime) -> str:
    if at.utcoffset() == timedelta(0):
        return format_datetime(at.astimezone(UTC), usegmt=True)
    return format_datetime(at)


def _joined(pattern: str, language: str | None) -> Printer:
    printers = _printers(pattern, language)
    return lambda at: "".join([printer(at) for printer in printers])


def _printers(pattern: str, language: str | None) -> tuple[Printer, ...]:
    printed: list[Printer] = []
    width = 0
    for piece in pieces(pattern):
        match piece:
            case Letters("p", count):
                width = count
                continue
            case Letters(letter, count):
                printer = _letter(letter, count, pattern, language)
                printed.append(_right(printer, width) if width else printer)
            case Literal(text):
                printed.append(_constant(text))
            case Bracket():
                continue  # optional sections always print
        width = 0
    return tuple(printed)


def _constant(text: str) -> Printer:
    return lambda _: text


def _right(printer: Printer, width: int) -> Printer:
    return lambda at: printer(at).rjust(width)


def _week_of_month(at: datetime) -> int:
    """As in ISO 8601: the first week is the one that has four days of the month. Days before it are in week 0."""
    monday = at.day - at.weekday()
    return (monday + 9) // 7


_NUMBERS: Mapping[str, Callable[[datetime], int]] = {
    "d": lambda at: at.day,
    "D": lambda at: at.timetuple().tm_yday,
    "F": lambda at: (at.day - 1) // 7 + 1,
    "w": lambda at: _week(at)[1],
    "W": _week_of_month,
    "H": lambda at: at.hour,
    "h": lambda at: at.hour % 12 or 12,
    "K": lambda at: at.hour % 12,
    "k": lambda at: at.hour or 24,
    "m": lambda at: at.minute,
    "s": lambda at: at.second,
    "n": nanoseconds,
    "A": lambda at: _seconds(at) * 1000 + at.microsecond // 1000,
    "N": lambda at: _seconds(at) * 1_000_000_000 + nanoseconds(at),
}


def _letter(letter: str, count: int, pattern: str, language: str | None) -> Printer:
    number = _NUMBERS.get(letter)
    if number is not None:
        return lambda at: str(number(at)).rjust(count, "0")
    names = names_of(language)
    match letter:
        case "y" | "u" | "Y":
            return _year(count, (lambda at: _week(at)[0]) if letter == "Y" else lambda at: at.year)
        case "M":
            return _word(count, names.months, lambda at: at.month)
        case "L":
            return _word(count, names.months_alone, lambda at: at.month)
        case "Q" | "q":
            return _word(count, names.quarters, lambda at: (at.month + 2) // 3)
        case "e" | "c" if count < 3:
            return lambda at: str(at.isoweekday()).rjust(count, "0")
        case "E" | "e" | "c":
            return _word(max(count, 3), names.days, lambda at: at.isoweekday())
        case "S":
            return lambda at: f"{nanoseconds(at):09d}"[:count].ljust(count, "0")
        case "G":
            return _word(max(count, 3), names.eras, lambda _: 2)
        case "a" if count == 1:
            return _half(names)
        case "X" | "x" | "Z" | "O":
            return _offset(letter, count)
        case "V" if count == 2:
            return lambda at: str(at.tzinfo.key) if isinstance(at.tzinfo, ZoneInfo) else _offset("X", 3)(at)
        case "z" | "v":
            return (lambda at: zone_name(at, language)) if count == 4 else lambda at: at.tzname() or ""
    raise ExpressionError(
        f"The date format `{pattern}` has `{letter * min(count, 9)}`, which is unknown; put text in single quotes"
    )


def _seconds(at: datetime) -> int:
    return (at.hour * 60 + at.minute) * 60 + at.second


def _half(names: Names) -> Printer:
    return lambda at: names.halves[at.hour >= 12]


def _year(count: int, year: Callable[[datetime], int]) -> Printer:
    return (lambda at: f"{year(at) % 100:02d}") if count == 2 else lambda at: str(year(at)).rjust(count, "0")


def _word(count: int, words: Widths, number: Callable[[datetime], int]) -> Printer:
    """``number`` counts from 1."""
    if count <= 2:
        return lambda at: str(number(at)).rjust(count, "0")
    chosen = words["abbreviated" if count == 3 else "narrow" if count == 5 else "wide"]
    return lambda at: chosen[number(at) - 1]


def _week(at: datetime) -> tuple[int, int]:
    year, week, _ = at.isocalendar()
    return year, week


def _offset(letter: str, count: int) -> Printer:
    def run(at: datetime) -> str:
        minutes = int((at.utcoffset() or timedelta()).total_seconds()) // 60
        if minutes == 0 and (letter == "X" or (letter == "Z" and count == 5)):
            return "Z"
        sign, minutes = ("-", -minutes) if minutes < 0 else ("+", minutes)
        hour, rest = divmod(minutes, 60)
        if letter == "O" or (letter == "Z" and count == 4):
            if not minutes:
                return "GMT"
            short = letter == "O" and count == 1
            return (
                f"GMT{sign}{hour}" + (f":{rest:02d}" if rest else "")
                if short
                else f"GMT{sign}{hour:02d}:{rest:02d}"
            )
        if letter == "Z":
            return f"{sign}{hour:02d}{':' if count == 5 else ''}{rest:02d}"
        if count == 1:
            return f"{sign}{hour:02d}" + (f"{rest:02d}" if rest else "")
        return f"{sign}{hour:02d}{':' if count in {3, 5} else ''}{rest:02d}"

    return run
