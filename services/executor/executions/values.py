"""How the values of a loop stand in the journal: a span as its bounds, a few values as they are, many of them packed in one event.

Replicas of an older version read only the plain form. While there are any, all values are written so, with the limits of then.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import TypeAlias

import msgspec

from contracts.language.types.behaviour import RenderingFailed
from contracts.language.types.span import Span, Values
from services.executor.executions.event import FamilyOpened, LoopOpened, ValuesOpened

SHORT_FORMS = 3
"""The first write version whose replicas read spans and packed values."""
PLAIN_CHARS = 100_000
"""Values of more characters are packed."""
OLD_CHARS = 450_000
"""The most that replicas of an older version write."""
PACKED_BYTES = 450_000
"""The most of packed values. As text, they must leave room in a record."""
_LEAST = 4
"""What a value takes beside its characters."""

Packed: TypeAlias = bytes
Written: TypeAlias = Values | Packed
"""Values as the journal holds them."""


def written(values: Values, version: int) -> Written:
    """Return how the journal will hold the values. Raise RenderingFailed if it cannot."""
    if version < SHORT_FORMS:
        return _as_before(values)
    if isinstance(values, Span) or sum(map(len, values)) <= PLAIN_CHARS:
        return values
    packed = zlib.compress(msgspec.json.encode(values), 6)
    if len(packed) > PACKED_BYTES:
        raise RenderingFailed(
            f"The values of the loop have {len(packed):,} bytes when they are packed, but the limit is {PACKED_BYTES:,}. Run over a "
            "range and read each value in the loop, or write them to a file and use ForEachItem"
        )
    return packed


def _as_before(values: Values) -> list[str]:
    texts = list(values)
    size = sum(map(len, texts))
    if size > OLD_CHARS:
        raise RenderingFailed(
            f"The values of the loop have {size:,} characters, but the limit is {OLD_CHARS:,} while executors of an older version "
            "run beside this one"
        )
    return texts


def size_of(written: Written) -> int:
    """Return about how many bytes of a record the values take."""
    if isinstance(written, Span):
        return 0
    if isinstance(written, bytes):
        return len(written) * 4 // 3
    return sum(map(len, written)) + _LEAST * len(written)


def opened(
    execution_id: str, task_run_id: str, written: Written, body: list[str] | None
) -> Iterator[LoopOpened | FamilyOpened | ValuesOpened]:
    """Yield the events that give a loop its values. Without a body, its iterations are executions."""
    if isinstance(written, Span):
        yield ValuesOpened(execution_id=execution_id, task_run_id=task_run_id, body=body, span=written)
    elif isinstance(written, bytes):
        yield ValuesOpened(execution_id=execution_id, task_run_id=task_run_id, body=body, packed=written)
    else:
        for first, values in pages(written):
            if body is None:
                yield FamilyOpened(
                    execution_id=execution_id, task_run_id=task_run_id, first=first, values=values
                )
            else:
                yield LoopOpened(
                    execution_id=execution_id, task_run_id=task_run_id, first=first, values=values, body=body
                )


def read(event: ValuesOpened) -> Values:
    """Return the values of an event."""
    if event.span is not None:
        return event.span
    return msgspec.json.decode(zlib.decompress(event.packed), type=list[str])


PAGE_BYTES = 150_000


def pages(values: list[str], limit: int = PAGE_BYTES) -> Iterator[tuple[int, list[str]]]:
    """Split values into pieces of about ``limit`` bytes, each with the index of its first value. There is at least one piece."""
    first, size = 0, 0
    for place, value in enumerate(values):
        if size > limit:
            yield first, values[first:place]
            first, size = place, 0
        size += len(value) + _LEAST
    yield first, values[first:]
