"""Writes values as lines of Ion text that is JSON wherever JSON can say it."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, BinaryIO
from uuid import UUID

_ROWS_AT_ONCE = 500


def write_rows(file: BinaryIO, rows: Iterable[Any]) -> int:
    """Give how many were written. Raises TypeError for a value that Ion has no form for."""
    count = 0
    source = iter(rows)
    while lines := [line_of(row) for row in islice(source, _ROWS_AT_ONCE)]:
        file.write("".join(lines).encode())
        count += len(lines)
    return count


def write_records(file: BinaryIO, columns: Sequence[str], records: Iterable[Sequence[Any]]) -> int:
    """Like :func:`write_rows`, for rows that all have the same keys. Of columns with the same name the last one counts."""
    places = {name: index for index, name in enumerate(columns)}
    pairs = [(f"{_text(name)}:", at) for name, at in places.items()]
    count = 0
    writer_of = _WRITERS.get
    source = iter(records)
    while batch := list(islice(source, _ROWS_AT_ONCE)):
        lines = [
            "{"
            + ",".join([key + (writer_of(type(value := record[at])) or ion)(value) for key, at in pairs])
            + "}\n"
            for record in batch
        ]
        file.write("".join(lines).encode())
        count += len(batch)
    return count


def line_of(value: Any) -> str:
    return ion(value) + "\n"


def ion(value: Any) -> str:
    """The value in one line. Raises TypeError."""
    write = _WRITERS.get(type(value))
    if write is not None:
        return write(value)
    for kind, write in _WRITERS.items():
        if isinstance(value, kind):
            return write(value)
    if isinstance(value, Mapping):
        return _struct(value)
    raise TypeError(f"a {type(value).__name__} cannot be written to a file of rows")


_text: Callable[[str], str] = json.JSONEncoder(ensure_ascii=False).encode


def _float(value: float) -> str:
    """With an exponent: without one it is a decimal."""
    if math.isfinite(value):
        text = repr(value)
        return text if "e" in text else f"{text}e0"
    return "nan" if math.isnan(value) else ("+inf" if value > 0 else "-inf")


def _decimal(value: Decimal) -> str:
    if not value.is_finite():
        return _float(float(value))
    sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if -20 < exponent < 0 and len(digits) > -exponent - 7:
        return format(value, "f")
    number = "".join(map(str, digits)) or "0"
    return f"{'-' if sign else ''}{number}d{exponent}"


def _moment(value: datetime) -> str:
    """A moment without a zone has the unknown offset -00:00."""
    text = value.isoformat()
    if value.tzinfo is None:
        return text + "-00:00"
    offset = value.utcoffset() or timedelta()
    # Ion knows whole minutes only; some zones had seconds before 1972.
    if offset.seconds % 60:
        return (value - offset).replace(tzinfo=None).isoformat() + "Z"
    return text.replace("+00:00", "Z") if not offset else text


def _struct(value: Mapping[Any, Any]) -> str:
    return "{" + ",".join([f"{_text(str(key))}:{ion(each)}" for key, each in value.items()]) + "}"


_WRITERS: dict[type, Callable[[Any], str]] = {
    str: _text,
    int: str,
    bool: lambda value: "true" if value else "false",
    type(None): lambda value: "null",
    float: _float,
    Decimal: _decimal,
    datetime: _moment,
    date: lambda value: value.isoformat(),
    time: lambda value: f'"{value.isoformat()}"',
    bytes: lambda value: "{{" + base64.b64encode(value).decode() + "}}",
    bytearray: lambda value: "{{" + base64.b64encode(value).decode() + "}}",
    memoryview: lambda value: "{{" + base64.b64encode(value).decode() + "}}",
    UUID: lambda value: f'"{value}"',
    dict: _struct,
    list: lambda value: "[" + ",".join([ion(each) for each in value]) + "]",
    tuple: lambda value: "[" + ",".join([ion(each) for each in value]) + "]",
}
"""``bool`` and ``datetime`` are found by their exact type, before ``int`` and ``date``."""
