"""Values that are an arithmetic progression of integers, kept as its bounds. So a million of them are as small as two."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import msgspec


class Span(msgspec.Struct, frozen=True, array_like=True):
    """Reads like a list of texts, but makes each text when it is asked for."""

    first: int
    step: int
    """Not 0, unless there is one value only."""
    count: int
    before: str = ""
    """What stands before and after the digits of each value."""
    after: str = ""

    def __len__(self) -> int:
        return self.count

    def __getitem__(self, index: int) -> str:
        if not 0 <= index < self.count:
            raise IndexError(index)
        return f"{self.before}{self.first + index * self.step}{self.after}"

    def __iter__(self) -> Iterator[str]:
        return (self[index] for index in range(self.count))


Values: TypeAlias = list[str] | Span
"""The values of a loop, which are all different."""
NOTICED = 1_000
"""A list with fewer elements is not looked at."""
_BITS = 63
"""Journals and snapshots take integers of 64 bits."""


def span_of(found: range, before: str = "", after: str = "") -> Span | None:
    """Return the span of a range. None for one that has no elements, or elements too large."""
    if not len(found) or max(abs(found[0]), abs(found[-1])).bit_length() > _BITS:
        return None
    return Span(found[0], found.step, len(found), before, after)


def noticed(values: list[Any]) -> range | None:
    """Return the range that a long list of integers is, if it is one."""
    if len(values) < NOTICED or not all(type(value) is int for value in values):
        return None
    step = values[1] - values[0]
    if not step:
        return None
    found = range(values[0], values[-1] + (1 if step > 0 else -1), step)
    return found if len(found) == len(values) and all(map(int.__eq__, found, values)) else None
