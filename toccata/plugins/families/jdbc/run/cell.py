"""Turns the values of drivers into values of rows, and those into outputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from toccata.plugins.families.jdbc.run.driver import Driver, Found
from toccata.plugins.families.jdbc.run.failure import SqlFailed

Convert = Callable[[Any], Any]
_AS_IT_IS = frozenset({str, bool, float, Decimal, bytes, date, type(None)})
_KINDS: tuple[type[Any], ...] = (str, int, float, Decimal, bytes)
"""Libraries have their own kinds of these."""
_LONG = 2**63
_AS_TEXT = (UUID, IPv4Address, IPv4Network, IPv4Interface, IPv6Address, IPv6Network, IPv6Interface)


class NoForm(Exception):
    """A value has no form in a row."""


def converter(driver: Driver, zone: str | None) -> Convert:
    """Of single values. Timestamps without a zone get ``zone``, or the machine's, unless the driver keeps them local."""
    named = zone_of(zone)  # also where it is not needed: a wrong name must not go unseen
    place = None if driver.local_timestamps else named

    def convert(value: Any) -> Any:
        kind = type(value)
        if kind in _AS_IT_IS:
            return value
        if kind is int:
            return value if -_LONG <= value < _LONG else str(value)
        if kind is datetime:
            return value.replace(tzinfo=place) if value.tzinfo is None and place is not None else value
        own = driver.cell.get(kind)
        return convert(own(value)) if own is not None else _rare(value, convert)

    return convert


def zone_of(name: str | None) -> Any:
    if not name:
        return datetime.now().astimezone().tzinfo
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        raise SqlFailed(f"timeZoneId `{name}` is no time zone: write one such as Europe/Paris") from None


def _rare(value: Any, convert: Convert) -> Any:
    if isinstance(value, time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return clock_text(value)
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    if isinstance(value, _AS_TEXT):
        return str(value)
    if isinstance(value, Enum):
        return convert(value.value)
    if isinstance(value, Mapping):
        return {str(key): convert(each) for key, each in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [convert(each) for each in value]
    if isinstance(value, datetime):
        return convert(datetime.fromisoformat(value.isoformat()))
    for kind in _KINDS:
        if isinstance(value, kind):
            return kind(value)
    raise NoForm(type(value).__name__)


def clock_text(value: timedelta) -> str:
    """``26:03:04.5``, as MySQL has times."""
    sign, span = ("-", -value) if value < timedelta() else ("", value)
    seconds = span.days * 86_400 + span.seconds
    fraction = f".{span.microseconds:06}".rstrip("0") if span.microseconds else ""
    return f"{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def converted(found: Found, convert: Convert) -> Iterator[Sequence[Any]]:
    """Raises SqlFailed that names the column."""
    for record in found.records:
        try:
            yield [convert(value) for value in record]
        except NoForm:
            yield _named(found, record, convert)


def _named(found: Found, record: Sequence[Any], convert: Convert) -> Sequence[Any]:
    for name, value in zip(found.columns, record, strict=True):
        try:
            convert(value)
        except NoForm as error:
            raise SqlFailed(
                f"column `{name}` holds a {error}, which has no form in a row: cast it to text in the SQL"
            ) from None
    raise AssertionError("one of the values has no form")
