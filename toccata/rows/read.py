"""Reads rows one by one: lines that are JSON by a fast way, all other Ion, text or binary, by Amazon's library.

A number without an exponent is a Decimal if it has a point; one with an exponent is a float. Days become dates, moments datetimes.
"""

from __future__ import annotations

import base64
import re
import secrets
from collections.abc import Iterator
from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

_BINARY = b"\xe0\x01\x00\xea"
_BEYOND_JSON = re.compile(
    r""""(?:[^"\\]++|\\.)*+"|"""
    r"(?P<t>\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d))?)(?=[,}\]\s])|"
    r"\{\{(?P<b>[A-Za-z0-9+/=]*)\}\}|(?P<d>-?\d+d-?\d+)|(?P<f>nan|[+-]inf)"
)
"""What :mod:`toccata.rows.write` writes that JSON does not have. Texts are matched, so that nothing is found within them."""
_MARK = secrets.token_hex(12)
"""Begins a text that stands for such a value while a line is read as JSON. No row can know it."""


_NO_LIBRARY = "it holds Ion that only Amazon's library reads, and this worker does not have it: pip install 'toccata[serdes]'"


class NotRows(ValueError):
    """The message says where and why."""


def read_rows(path: Path) -> Iterator[Any]:
    """Raises NotRows when a value cannot be read, with the number of its line."""
    with path.open("rb") as file:
        if file.read(4) == _BINARY:
            file.seek(0)
            yield from _all_ion(file, 0)
            return
        file.seek(0)
        start = 0
        for number, line in enumerate(file, 1):
            if not line.isspace():
                try:
                    row = _line(line)
                except _NotOneLine:
                    # A value over several lines, as other programs write it.
                    file.seek(start)
                    yield from _all_ion(file, number)
                    return
                yield row
            start += len(line)


class _NotOneLine(Exception):
    pass


def _number(text: str) -> float | Decimal:
    return float(text) if "e" in text or "E" in text else Decimal(text)


_json = msgspec.json.Decoder(float_hook=_number).decode


def _line(line: bytes) -> Any:
    try:
        return _json(line)
    except msgspec.DecodeError:
        pass
    try:
        return _unmarked(_json(_BEYOND_JSON.sub(_marked, line.decode())))
    except (msgspec.DecodeError, UnicodeDecodeError, ValueError, ArithmeticError):
        pass
    try:
        from amazon.ion import simpleion
        from amazon.ion.exceptions import IonException
    except ImportError:
        raise NotRows(_NO_LIBRARY) from None
    try:
        values = simpleion.loads(line, single_value=False)
    except (IonException, ValueError) as error:
        raise _NotOneLine from error
    if len(values) != 1:
        raise _NotOneLine
    return plain(values[0])


def _marked(found: re.Match[str]) -> str:
    kind = found.lastgroup
    return found[0] if kind is None else f'"{_MARK}{kind}{found[kind]}"'


def _unmarked(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _unmarked(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_unmarked(each) for each in value]
    return _value(value[len(_MARK) :]) if isinstance(value, str) and value.startswith(_MARK) else value


def _value(marked: str) -> Any:
    """Raises ValueError."""
    kind, text = marked[0], marked[1:]
    if kind == "b":
        return base64.b64decode(text, validate=True)
    if kind == "d":
        return Decimal(text.replace("d", "e"))
    if kind == "f":
        return float(text)
    if "T" not in text:
        return date.fromisoformat(text)
    moment = datetime.fromisoformat(text.replace("-00:00", ""))
    return moment.replace(tzinfo=timezone.utc) if text.endswith("Z") else moment  # noqa: UP017 - as the library gives it


def _all_ion(file: BinaryIO, number: int) -> Iterator[Any]:
    """``number``: the line at which the file stands, 0 if it has none."""
    try:
        from amazon.ion import simpleion
        from amazon.ion.exceptions import IonException
    except ImportError:
        raise NotRows(_NO_LIBRARY) from None
    try:
        for value in simpleion.load(file, single_value=False, parse_eagerly=False):
            yield plain(value)
    except (IonException, ValueError, UnicodeDecodeError) as error:
        place = f" from line {number} on" if number else ""
        raise NotRows(f"the file is not Ion{place}: {error}") from error


def plain(value: Any) -> Any:
    """A value of Amazon's library as Python's own types. Annotations are dropped."""
    from amazon.ion.core import IonType, Timestamp, TimestampPrecision

    kind = getattr(value, "ion_type", None)
    if value is None or kind is IonType.NULL or type(value).__name__ == "IonPyNull":
        return None
    if kind is IonType.BOOL or isinstance(value, bool):
        return bool(value)
    if isinstance(value, Timestamp):
        if value.precision in {TimestampPrecision.YEAR, TimestampPrecision.MONTH, TimestampPrecision.DAY}:
            return date(value.year, value.month, value.day)
        return datetime(value.year, value.month, value.day, value.hour, value.minute, value.second,
                        value.microsecond, value.tzinfo)  # fmt: skip
    if isinstance(value, datetime):
        return value
    return _container(value) if kind in {IonType.STRUCT, IonType.LIST, IonType.SEXP} else _scalar(value)


def _container(value: Any) -> Any:
    if hasattr(value, "items"):
        return {_name(key): plain(each) for key, each in value.items()}
    return [plain(each) for each in value]


def _scalar(value: Any) -> Any:
    for kind in _KINDS:
        if isinstance(value, kind):
            return kind(value)
    if hasattr(value, "items") or isinstance(value, list | tuple):
        return _name(value) if hasattr(value, "sid") else _container(value)
    return _name(value)


_KINDS: tuple[type[Any], ...] = (int, float, Decimal, str, bytes)


def _name(value: Any) -> str:
    """The text of a symbol."""
    return str(getattr(value, "text", value))
