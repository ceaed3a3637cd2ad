"""Rows that a task takes in: a *Data* value is the URI of a file with a row a line, a map, a list of maps, or JSON text of those."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Protocol, TypeAlias

import orjson

from contracts.json_text import NotJson, loads
from contracts.language.expression.budget import Budget
from contracts.language.expression.errors import ExpressionError
from contracts.language.expression.ion import read

Data: TypeAlias = str | dict[str, Any] | list[Any]
"""The type of such a property. Declare it ``dynamic``."""
FILE_SCHEMES = ("kestra://", "nsfile://")
_NEWLINE = b"\n"
MOST_LINE_BYTES = 64 * 1024 * 1024
_READING_BYTES = 16 * MOST_LINE_BYTES


class BadRows(ValueError):
    """The value has no rows. The text says why."""


class _Storage(Protocol):
    def stream(self, uri: str) -> AsyncIterator[bytes]: ...


async def rows(storage: _Storage, value: Data) -> AsyncIterator[Any]:
    """Yield the rows one by one, of a file in constant memory. Raise BadRows, and what the storage raises."""
    if isinstance(value, str) and value.startswith(FILE_SCHEMES):
        number = 0
        async for line in lines(storage.stream(value)):
            number += 1
            if line.strip():
                yield read_row(line, f"{value}, line {number}")
        return
    for row in _held(value):
        yield row


def read_row(line: bytes, place: str) -> Any:
    """Read one line, in JSON or Amazon Ion. Ion's timestamps become text, its decimals stay exact. Raise BadRows."""
    try:
        return orjson.loads(line) if len(line) < 16 or b"." not in line else loads(line)
    except (NotJson, orjson.JSONDecodeError):
        pass
    try:
        return read(line.decode(), Budget(_READING_BYTES), all_values=False)
    except (ExpressionError, UnicodeDecodeError) as error:
        raise BadRows(f"{place}: neither JSON nor Ion: {error}") from None


def _held(value: Data) -> Iterator[Any]:
    if isinstance(value, str):
        try:
            value = loads(value)
        except NotJson as error:
            raise BadRows(
                f"the rows must be an internal storage URI (kestra:///…), a map, a list of maps, or JSON of those: {error}"
            ) from None
    if isinstance(value, Mapping):
        yield value
    elif isinstance(value, list):
        yield from value
    else:
        raise BadRows(f"the rows must be a map or a list of maps, not {value!r:.100}")


async def lines(chunks: AsyncIterator[bytes], separator: bytes = _NEWLINE) -> AsyncIterator[bytes]:
    """Yield what stands between separators. An empty part at the end is none. Raise BadRows if one is too long."""
    rest = b""
    async for chunk in chunks:
        *parts, rest = (rest + chunk).split(separator)
        if len(rest) > MOST_LINE_BYTES:
            raise BadRows(f"a line has more than {MOST_LINE_BYTES:,} bytes")
        for part in parts:
            yield part
    if rest:
        yield rest
