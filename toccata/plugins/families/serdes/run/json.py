"""JSON, value by value."""

from __future__ import annotations

import base64
import math
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any, BinaryIO, Self

import ijson
import msgspec

from toccata.plugins.families.serdes.run.pattern import in_zone, zone_of
from toccata.plugins.families.serdes.run.report import Bad, Report
from toccata.rows.read import read_rows
from toccata.rows.write import write_rows

_ROWS_AT_ONCE = 500


def number(text: str) -> float | Decimal:
    """The double of a decimal number, or a Decimal if the double is another number."""
    near = float(text)
    exact = Decimal(text)
    return near if math.isfinite(near) and Decimal(repr(near)) == exact else exact


_decode = msgspec.json.Decoder(float_hook=number).decode


def to_ion(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    del report
    with in_utf8(source, options["charset"]) as text, target.open("wb") as out:
        return write_rows(out, lines(text) if options["new_line"] else elements(text))


def to_lines(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    del report
    count = 0
    with in_utf8(source, options["charset"]) as text, target.open("w", encoding=options["charset"]) as out:
        for count, value in enumerate(elements(text), 1):  # noqa: B007 - the last is the number of rows
            out.write(encoded(value) + "\n")
    return count


def from_ion(source: Path, target: Path, options: Mapping[str, Any], report: Report) -> int:
    del report
    plain = plain_of(options["time_zone_id"])
    count = 0
    with target.open("w", encoding=options["charset"]) as out:
        if options["new_line"]:
            for count, row in enumerate(read_rows(source), 1):  # noqa: B007 - the last is the number of rows
                out.write(encoded(plain(row)) + "\n")
        else:
            out.write("[")
            for count, row in enumerate(read_rows(source), 1):
                out.write(("," if count > 1 else "") + encoded(plain(row)))
            out.write("]")
    return count


def encoded(value: Any) -> str:
    return _encode(value).decode()


_encode = msgspec.json.Encoder(decimal_format="number").encode


def plain_of(zone_name: str | None) -> Callable[[Any], Any]:
    """Values of rows as JSON has them: moments in ISO-8601 in this zone, bytes in base64."""
    zone = zone_of(zone_name)

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: plain(each) for key, each in value.items()}
        if isinstance(value, list):
            return [plain(each) for each in value]
        if isinstance(value, datetime):
            text = in_zone(value, zone).isoformat()
            return text.replace("+00:00", "Z")
        if isinstance(value, date | time):
            return value.isoformat()
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        if isinstance(value, float | Decimal) and not math.isfinite(value):
            return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
        return value

    return plain


def in_utf8(source: Path, charset: str) -> BinaryIO:
    """The file, whose text is UTF-8 without a mark at its beginning."""
    if charset.lower().replace("-", "").replace("_", "") == "utf8":
        file = source.open("rb")
        if file.read(3) != b"\xef\xbb\xbf":
            file.seek(0)
        return file
    return _Recoded(source, charset)  # type: ignore[return-value]


class _Recoded:
    """A file in another charset, read as UTF-8."""

    def __init__(self, source: Path, charset: str) -> None:
        self._text: TextIOWrapper = source.open(encoding=charset)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._text.close()

    def read(self, size: int = -1) -> bytes:
        return self._text.read(size).encode()

    def __iter__(self) -> Iterator[bytes]:
        return (line.encode() for line in self._text)


def lines(text: BinaryIO) -> Iterator[Any]:
    """Raises Bad with the number of the line. Values over several lines are read too, from the first such line on."""
    for count, line in enumerate(text, 1):
        if not line.strip():
            continue
        try:
            value = _decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            rest = _Joined(line, text)
            yield from _values(rest, f"from line {count} on")
            return
        yield value


class _Joined:
    """A line that has been read, and what follows it."""

    def __init__(self, line: bytes, rest: BinaryIO) -> None:
        self._line = BytesIO(line)
        self._rest = rest
        self._following = iter(rest)

    def read(self, size: int = -1) -> bytes:
        """The library first reads nothing, to see whether it gets bytes."""
        return b"" if size == 0 else self._line.read(size) or next(self._following, b"")


def _values(text: Any, place: str) -> Iterator[Any]:
    try:
        for value in ijson.items(text, "", multiple_values=True):
            yield plain_number(value)
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise Bad(f"the file is not JSON {place}: {_short(error)}") from None


def elements(text: BinaryIO) -> Iterator[Any]:
    """Of one list, or the one value. Raises Bad."""
    first = b""
    while not first.strip():
        chunk = text.read(64)
        if not chunk:
            return
        first += chunk
    is_list = first.lstrip()[:1] == b"["
    try:
        for value in ijson.items(_Ahead(first, text), "item" if is_list else ""):
            yield plain_number(value)
    except (ijson.JSONError, UnicodeDecodeError) as error:
        raise Bad(f"the file is not JSON: {_short(error)}") from None


class _Ahead:
    """What has been read, and what follows it."""

    def __init__(self, first: bytes, rest: BinaryIO) -> None:
        self._first = BytesIO(first)
        self._rest = rest

    def read(self, size: int = -1) -> bytes:
        return self._first.read(size) or self._rest.read(size)


def plain_number(value: Any) -> Any:
    """Ijson gives every number with a point as a Decimal."""
    if isinstance(value, Decimal):
        near = float(value)
        return near if math.isfinite(near) and Decimal(repr(near)) == value else value
    if isinstance(value, dict):
        return {key: plain_number(each) for key, each in value.items()}
    return [plain_number(each) for each in value] if isinstance(value, list) else value


def _short(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
