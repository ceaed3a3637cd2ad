"""Java's patterns of dates and times: writing values, and reading texts. Parts in brackets are optional."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from toccata.plugins.families.serdes.run.report import Bad

_TOKEN = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|(\[)|(\])|(.)", re.DOTALL)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LONG_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")  # fmt: skip
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class _Lacks(Exception):
    """The value has no such part."""


@dataclass(frozen=True, slots=True)
class Part:
    letter: str
    """Empty: a text."""
    text: str
    """As it is written; of a letter, all its repetitions."""
    optional: tuple[Part, ...] = ()


@lru_cache(64)
def parts(pattern: str) -> tuple[Part, ...]:
    """Raises Bad."""
    stack: list[list[Part]] = [[]]
    for found in _TOKEN.finditer(pattern):
        if found[3]:
            stack.append([])
        elif found[4]:
            if len(stack) == 1:
                raise Bad(f"the pattern `{pattern}` closes a bracket that is not open")
            inner = stack.pop()
            stack[-1].append(Part("[", "", tuple(inner)))
        elif found[2]:
            if found[2] not in _WRITE:
                raise Bad(f"the pattern `{pattern}` has the letter `{found[2]}`, which is not known here")
            stack[-1].append(Part(found[2], found[0]))
        else:
            text = found[5] if found[1] is None else (found[1].replace("''", "'") or "'")
            stack[-1].append(Part("", text))
    if len(stack) > 1:
        raise Bad(f"the pattern `{pattern}` does not close a bracket")
    return tuple(stack[0])


def written(value: Any, pattern: str) -> str:
    """Raises Bad if the value lacks a part that is not optional."""
    try:
        return _written(value, parts(pattern))
    except _Lacks as lacks:
        raise Bad(f"`{value.isoformat()}` cannot be written as `{pattern}`: it has no {lacks}") from None


def _written(value: Any, found: tuple[Part, ...]) -> str:
    text = []
    for part in found:
        if part.letter == "[":
            try:
                text.append(_written(value, part.optional))
            except _Lacks:
                continue
        else:
            text.append(_WRITE[part.letter](value, len(part.text)) if part.letter else part.text)
    return "".join(text)


def _of(value: Any, name: str) -> int:
    if not hasattr(value, name):
        raise _Lacks(name)
    number: int = getattr(value, name)
    return number


def _year(value: Any, width: int) -> str:
    year = _of(value, "year")
    return f"{year % 100:02}" if width == 2 else f"{year:0{width}}"


def _month(value: Any, width: int) -> str:
    month = _of(value, "month")
    if width >= 3:
        return (_MONTHS if width == 3 else _LONG_MONTHS)[month - 1]
    return f"{month:0{width}}"


def _weekday(value: Any, width: int) -> str:
    if not isinstance(value, date):
        raise _Lacks("weekday")
    name = _DAYS[value.weekday()]
    return name[:3] if width <= 3 else name


def _number(name: str) -> Callable[[Any, int], str]:
    return lambda value, width: f"{_of(value, name):0{width}}"


def _hour_of_12(value: Any, width: int) -> str:
    return f"{(_of(value, 'hour') + 11) % 12 + 1:0{width}}"


def _half(value: Any, _: int) -> str:
    return "AM" if _of(value, "hour") < 12 else "PM"


def _fraction(value: Any, width: int) -> str:
    return f"{_of(value, 'microsecond'):06}000"[:width]


def _offset(*, zulu: bool) -> Callable[[Any, int], str]:
    def write(value: Any, width: int) -> str:
        offset = value.utcoffset() if isinstance(value, datetime | time) else None
        if offset is None:
            raise _Lacks("offset")
        if zulu and not offset:
            return "Z"
        seconds = int(offset.total_seconds())
        hours, minutes = divmod(abs(seconds) // 60, 60)
        sign = "-" if seconds < 0 else "+"
        if width == 1 and not minutes:
            return f"{sign}{hours:02}"
        return f"{sign}{hours:02}{':' if width == 3 else ''}{minutes:02}"

    return write


def _rfc(value: Any, _: int) -> str:
    return _offset(zulu=False)(value, 2)


def _zone(value: Any, _: int) -> str:
    zone = value.tzinfo if isinstance(value, datetime | time) else None
    if zone is None:
        raise _Lacks("zone")
    return getattr(zone, "key", None) or _offset(zulu=True)(value, 3)


_WRITE: dict[str, Callable[[Any, int], str]] = {
    "y": _year,
    "u": _year,
    "M": _month,
    "L": _month,
    "d": _number("day"),
    "E": _weekday,
    "H": _number("hour"),
    "h": _hour_of_12,
    "m": _number("minute"),
    "s": _number("second"),
    "S": _fraction,
    "n": lambda value, width: f"{_of(value, 'microsecond') * 1000:0{width}}",
    "a": _half,
    "X": _offset(zulu=True),
    "x": _offset(zulu=False),
    "Z": _rfc,
    "V": _zone,
    "z": _zone,
    "[": lambda value, width: "",
}
_READ = {
    "y": r"(?P<year>\d{4})",
    "u": r"(?P<year>\d{4})",
    "d": r"(?P<day>\d{1,2})",
    "H": r"(?P<hour>\d{1,2})",
    "h": r"(?P<hour>\d{1,2})",
    "m": r"(?P<minute>\d{1,2})",
    "s": r"(?P<second>\d{1,2})",
    "S": r"(?P<fraction>\d{1,9})",
    "a": r"(?P<half>[AaPp][Mm])",
    "E": r"[A-Za-z]+",
    "X": r"(?P<offset>Z|[+-]\d\d(?::?\d\d)?)",
    "x": r"(?P<offset>[+-]\d\d(?::?\d\d)?)",
    "Z": r"(?P<offset>[+-]\d\d:?\d\d)",
}


@lru_cache(64)
def reader(pattern: str) -> re.Pattern[str]:
    """Raises Bad."""
    return re.compile(_readable(parts(pattern), pattern))


def _readable(found: tuple[Part, ...], pattern: str) -> str:
    text = ""
    for part in found:
        if part.letter == "[":
            text += f"(?:{_readable(part.optional, pattern)})?"
        elif part.letter == "M":
            text += r"(?P<month>\d{1,2})" if len(part.text) <= 2 else r"(?P<name>[A-Za-z]+)"
        elif part.letter:
            if part.letter not in _READ:
                raise Bad(f"the pattern `{pattern}` cannot be used to read: its letter `{part.letter}`")
            text += _READ[part.letter]
        else:
            text += re.escape(part.text)
    return text


def read(text: str, pattern: str, kind: type) -> Any:
    """A ``date``, ``time`` or ``datetime``. Raises ValueError."""
    found = reader(pattern).fullmatch(text.strip())
    if found is None:
        raise ValueError(f"`{text}` is not like `{pattern}`")
    at = {name: value for name, value in found.groupdict().items() if value is not None}
    year, month, day = int(at.get("year", 1970)), _month_of(at), int(at.get("day", 1))
    if kind is date:
        return date(year, month, day)
    clock = time(_hour_of(at), int(at.get("minute", 0)), int(at.get("second", 0)), int(at.get("fraction", "0").ljust(6, "0")[:6]), _offset_of(at))  # fmt: skip
    return clock if kind is time else datetime.combine(date(year, month, day), clock)


def _month_of(at: dict[str, str]) -> int:
    if "name" in at:
        names = [name[: len(at["name"])].lower() for name in _LONG_MONTHS]
        return names.index(at["name"].lower()) + 1
    return int(at.get("month", 1))


def _hour_of(at: dict[str, str]) -> int:
    hour = int(at.get("hour", 0))
    if "half" not in at:
        return hour
    return hour % 12 + (12 if at["half"].lower() == "pm" else 0)


def _offset_of(at: dict[str, str]) -> timezone | None:
    text = at.get("offset")
    if text is None:
        return None
    if text == "Z":
        return timezone.utc  # noqa: UP017 - as `timezone(...)` below
    digits = text[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if text[0] == "-" else offset)


def zone_of(name: str | None) -> Any:
    """Raises Bad. None: the machine's zone."""
    if not name:
        return datetime.now().astimezone().tzinfo
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise Bad(f"timeZoneId `{name}` is no time zone: write one such as Europe/Paris") from None


def in_zone(value: datetime, zone: Any) -> datetime:
    """Moments move there; those without a zone stay as they are."""
    return value if value.tzinfo is None else value.astimezone(zone)
