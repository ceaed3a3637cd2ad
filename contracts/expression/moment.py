"""Dates in expressions (flow-language 9.11): conversion of values, and Java's ``DateTimeFormatter`` patterns."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from contracts.expression.errors import ExpressionError
from contracts.expression.operator import name_of

MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")  # fmt: skip
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

NAMED = {
    "iso": "yyyy-MM-dd'T'HH:mm:ss.SSSSSSXXX",
    "iso_sec": "yyyy-MM-dd'T'HH:mm:ssXXX",
    "sql": "yyyy-MM-dd HH:mm:ss.SSSSSS",
    "sql_seq": "yyyy-MM-dd HH:mm:ss",
    "iso_date": "yyyy-MM-ddXXX",
    "iso_time": "HH:mm:ssXXX",
    "iso_local_date": "yyyy-MM-dd",
    "iso_local_time": "HH:mm:ss",
    "iso_local_date_time": "yyyy-MM-dd'T'HH:mm:ss",
    "iso_offset_time": "HH:mm:ssXXX",
    "iso_date_time": "yyyy-MM-dd'T'HH:mm:ssXXX'['VV']'",
    "iso_zoned_date_time": "yyyy-MM-dd'T'HH:mm:ssXXX'['VV']'",
    "iso_ordinal_date": "yyyy-DDDXXX",
    "iso_week_date": "YYYY-'W'ww-eXXX",
    "full": "EEEE, MMMM d, yyyy 'at' h:mm:ss a VV",
    "long": "MMMM d, yyyy 'at' h:mm:ss a VV",
    "medium": "MMM d, yyyy, h:mm:ss a",
    "short": "M/d/yy, h:mm a",
}
_PIECE = re.compile(r"'((?:[^']|'')*)'|([A-Za-z])\2*|(\[|\])|([^A-Za-z'\[\]]+)")


@lru_cache(maxsize=256)
def zone(name: str | None) -> tzinfo:
    """By IANA name or offset; None is UTC, the server's zone."""
    if name is None:
        return UTC
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


def to_moment(value: object, zone_name: str | None, existing: str | None) -> datetime:
    """Aware, in the zone. Local dates given as values are noon, as text start of day."""
    where = zone(zone_name)
    if isinstance(value, datetime):
        return value.astimezone(where) if value.tzinfo else value.replace(tzinfo=where)
    if isinstance(value, date):
        return datetime.combine(value, time(12), where)
    if isinstance(value, int | float) and not isinstance(value, bool):
        try:
            return datetime.fromtimestamp(value, UTC).astimezone(where)
        except (ValueError, OverflowError, OSError) as error:
            raise ExpressionError(f"{value} is no epoch second") from error
    if isinstance(value, str):
        parsed = parse_pattern(value, existing) if existing else _parse_iso(value)
        return parsed.astimezone(where) if parsed.tzinfo else parsed.replace(tzinfo=where)
    raise ExpressionError(f"A date is needed, found {name_of(value)}")


def _parse_iso(text: str) -> datetime:
    bare = re.sub(r"\[[^\]]*\]$", "", text.strip())
    fraction = re.search(r"\.(\d{7,9})", bare)
    if fraction:
        bare = bare.replace(fraction.group(), "." + fraction.group(1)[:6])
    try:
        return datetime.fromisoformat(bare)
    except ValueError as error:
        raise ExpressionError(
            f"`{text}` is not a date in ISO format; give its format as `existingFormat`"
        ) from error


# ---- printing


def format_moment(at: datetime, pattern: str) -> str:
    lowered = pattern.lower()
    if lowered == "rfc_1123_date_time":
        return (
            format_datetime(at.astimezone(UTC), usegmt=True)
            if at.utcoffset() == timedelta(0)
            else format_datetime(at)
        )
    if lowered == "iso_instant":
        return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if lowered in {"iso_date_time", "iso_zoned_date_time"} and not isinstance(at.tzinfo, ZoneInfo):
        pattern = "yyyy-MM-dd'T'HH:mm:ssXXX"
    else:
        pattern = NAMED.get(lowered, pattern)
    return "".join([piece(at) for piece in _compile_pattern(pattern)])


@lru_cache(maxsize=512)
def _compile_pattern(pattern: str) -> tuple[Callable[[datetime], str], ...]:
    pieces: list[Callable[[datetime], str]] = []
    at = 0
    while at < len(pattern):
        match = _PIECE.match(pattern, at)
        if match is None:
            raise ExpressionError(f"The date format `{pattern}` has an unclosed quote")
        at = match.end()
        quoted, letter, bracket, other = match.groups()
        if letter:
            pieces.append(_letter(letter, len(match.group()), pattern))
        elif quoted is not None:
            pieces.append(_constant(quoted.replace("''", "'") or "'"))
        elif other:
            pieces.append(_constant(other))
        else:
            assert bracket  # optional sections print what is in them
    return tuple(pieces)


def _constant(text: str) -> Callable[[datetime], str]:
    return lambda _: text


def _letter(letter: str, count: int, pattern: str) -> Callable[[datetime], str]:  # noqa: PLR0912, C901 - one branch a letter
    def padded(number: Callable[[datetime], int]) -> Callable[[datetime], str]:
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
    raise ExpressionError(f"The date format `{pattern}` has the unknown letter `{letter}`; quote text with '")


def _name_or_number(
    count: int, number: Callable[[datetime], int], name: Callable[[datetime], str]
) -> Callable[[datetime], str]:
    if count <= 2:
        return lambda at: str(number(at)).rjust(count, "0")
    if count == 3:
        return lambda at: name(at)[:3]
    return (lambda at: name(at)[:1]) if count == 5 else name


def _week(at: datetime) -> tuple[int, int]:
    year, week, _ = at.isocalendar()
    return year, week


def _offset(letter: str, count: int) -> Callable[[datetime], str]:
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


# ---- reading

_READ: Mapping[str, str] = {
    "d": r"(?P<day>\d{1,2})", "H": r"(?P<hour>\d{1,2})", "h": r"(?P<hour12>\d{1,2})", "m": r"(?P<minute>\d{1,2})",
    "s": r"(?P<second>\d{1,2})", "S": r"(?P<fraction>\d{1,9})", "a": r"(?P<half>[AaPp][Mm])",
    "E": r"[A-Za-z]+", "D": r"(?P<yday>\d{1,3})", "V": r"(?P<zone>[\w/+:-]+)", "z": r"(?P<zone>[\w/+:-]+)",
    "X": r"(?P<offset>Z|[+-]\d{2}:?(?:\d{2})?)", "x": r"(?P<offset>[+-]\d{2}:?(?:\d{2})?)", "Z": r"(?P<offset>[+-]\d{2}:?\d{2})",
}  # fmt: skip


def parse_pattern(text: str, pattern: str) -> datetime:
    """Aware when the pattern has a zone or offset. Raises ExpressionError."""
    lowered = pattern.lower()
    if lowered == "rfc_1123_date_time":
        try:
            return parsedate_to_datetime(text)
        except (TypeError, ValueError) as error:
            raise ExpressionError(f"`{text}` is not a date of RFC 1123") from error
    if lowered.startswith("iso") and lowered in NAMED | {"iso_instant": ""}:
        return _parse_iso(text)
    match = _reader(NAMED.get(lowered, pattern)).fullmatch(text.strip())
    if match is None:
        raise ExpressionError(f"`{text}` does not fit the format `{pattern}`")
    try:
        return _from_fields({key: value for key, value in match.groupdict().items() if value is not None})
    except ValueError as error:
        raise ExpressionError(f"`{text}` is not a date: {error}") from error


@lru_cache(maxsize=256)
def _reader(pattern: str) -> re.Pattern[str]:
    parts, at = [], 0
    while at < len(pattern):
        match = _PIECE.match(pattern, at)
        if match is None:
            raise ExpressionError(f"The date format `{pattern}` has an unclosed quote")
        at = match.end()
        quoted, letter, bracket, other = match.groups()
        count = len(match.group())
        if letter in {"y", "u"}:
            parts.append(r"(?P<year2>\d{2})" if count == 2 else r"(?P<year>\d{4})")
        elif letter in {"M", "L"}:
            parts.append(r"(?P<month_name>[A-Za-z]+)" if count > 2 else r"(?P<month>\d{1,2})")
        elif letter == "S":
            parts.append(rf"(?P<fraction>\d{{{count}}})")
        elif letter and count == 2 and letter in "dHhms":
            parts.append(_READ[letter].replace("{1,2}", "{2}"))
        elif letter:
            if letter not in _READ:
                raise ExpressionError(
                    f"The date format `{pattern}` has the letter `{letter}`, which cannot be read"
                )
            parts.append(_READ[letter])
        elif bracket:
            parts.append("(?:" if bracket == "[" else ")?")
        else:
            parts.append(re.escape(quoted.replace("''", "'") or "'" if quoted is not None else other))
    try:
        return re.compile("".join(parts))
    except re.error as error:
        raise ExpressionError(f"The date format `{pattern}` cannot be read: {error}") from error


def _from_fields(fields: Mapping[str, str]) -> datetime:
    year = int(fields.get("year") or 2000 + int(fields.get("year2", "-30")))
    month = int(fields.get("month", 1))
    if "month_name" in fields:
        wanted = fields["month_name"].lower()
        found = [i for i, name in enumerate(MONTHS, 1) if wanted in {name.lower(), name[:3].lower()}]
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


def shift(at: datetime, amount: int, unit: str) -> datetime:
    """``unit`` is Java's ChronoUnit, upper case."""
    fixed = {
        "NANOS": 1e-9,
        "MICROS": 1e-6,
        "MILLIS": 1e-3,
        "SECONDS": 1,
        "MINUTES": 60,
        "HOURS": 3600,
        "HALF_DAYS": 43200,
    }
    try:
        if unit in fixed:
            return (at.astimezone(UTC) + timedelta(seconds=amount * fixed[unit])).astimezone(at.tzinfo)
        if unit in {"DAYS", "WEEKS"}:
            return at + timedelta(days=amount * (7 if unit == "WEEKS" else 1))
        months = {"MONTHS": 1, "YEARS": 12, "DECADES": 120, "CENTURIES": 1200}.get(unit)
        if months is None:
            raise ExpressionError(f"Unknown unit `{unit}`: use NANOS … HOURS, DAYS, WEEKS, MONTHS or YEARS")
        total = at.year * 12 + at.month - 1 + amount * months
        year, month = divmod(total, 12)
        last = (date(year + month // 11, month % 12 + 2 if month < 11 else 1, 1) - timedelta(days=1)).day
        return at.replace(year=year, month=month + 1, day=min(at.day, last))
    except (OverflowError, ValueError) as error:
        raise ExpressionError(f"The date is out of range: {error}") from error
