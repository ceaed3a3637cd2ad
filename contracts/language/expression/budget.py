"""What one rendering may still allocate. An operation charges the size of its result before it makes it.

The sizes are bounds, not measurements: what matters is that they are never far below what Python takes. Nothing is ever
given back, so the budget also bounds the work of a rendering.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

from contracts.language.expression.errors import LimitExceeded

PER_ELEMENT = 16
"""Bytes of a place in a list, with what a copy leaves unused."""
PER_ENTRY = 160
"""Bytes of an entry of a map."""
PER_VALUE = 64
"""Bytes of a small value: a number, the head of a text or of a list."""


class Budget:
    """One for all renderings of a scope. Only the thread that renders uses it."""

    __slots__ = ("left", "most", "ticks")

    def __init__(self, most: int) -> None:
        self.most = most
        """Bytes."""
        self.left = most
        self.ticks = 0
        """How often the timer of the process found a rendering of this budget at work."""

    def charge(self, size: int) -> None:
        """Take ``size`` bytes. Raise LimitExceeded if they are more than what is left."""
        self.left -= size
        if self.left < 0:
            raise self.exceeded()

    def exceeded(self) -> LimitExceeded:
        return LimitExceeded(f"The expression needs more memory than its {self.most:,} bytes")

    def chars(self, text: str, factor: int = 1) -> None:
        """Take what ``factor`` copies of the text need."""
        self.left -= len(text) * factor if text.isascii() else 4 * len(text) * factor
        if self.left < 0:
            raise self.exceeded()

    def walk(self, value: Any) -> None:
        """Take for all that is below a value. A part that is in several places counts for each of them, because a comparison or a
        copy also visits it each time."""
        waiting: list[Iterator[Any]] = [iter((value,))]
        while waiting:
            for item in waiting[-1]:
                kind = type(item)
                if kind is str:
                    self.left -= len(item)
                elif kind not in _ATOMS:
                    below = _below(item)
                    if below is not None:
                        self.charge(PER_ELEMENT * (1 + len(item)))
                        waiting.append(iter(below))
                        break
            else:
                waiting.pop()
        self.charge(PER_ELEMENT)


_ATOMS = frozenset({int, float, bool, type(None)})


def _below(value: Any) -> Iterable[Any] | None:
    if isinstance(value, list | tuple):
        return value
    return chain.from_iterable(value.items()) if isinstance(value, Mapping) else None
