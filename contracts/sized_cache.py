"""A cache for what is made of texts that others write. It is bounded by bytes, because a count of entries bounds nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

V = TypeVar("V")


class SizedCache(Generic[V]):
    """Two generations: when the young one has half of the bytes, it becomes the old one, and the old one goes. What is asked for
    in the old one becomes young again. So finding an entry is one look-up, which needs no list of uses."""

    __slots__ = ("_make", "_most", "_old", "_weigh", "_weight", "young")

    def __init__(self, most: int, make: Callable[[str], V], weigh: Callable[[str, V], int]) -> None:
        """``most`` and ``weigh`` are bytes. An entry of more than a tenth of ``most`` is not kept."""
        self._most = most
        self._make = make
        self._weigh = weigh
        self.young: dict[str, V] = {}
        """For callers that cannot afford a call. Only read it."""
        self._old: dict[str, V] = {}
        self._weight = 0

    def of(self, text: str) -> V:
        """Return what is made of the text. Raise what making it raises, which is not kept."""
        found = self.young.get(text)
        if found is not None:
            return found
        found = self._old.pop(text, None)
        if found is None:
            found = self._make(text)
        weight = self._weigh(text, found)
        if weight > self._most // 10:
            return found
        if self._weight + weight > self._most // 2:
            self.young, self._old, self._weight = {}, self.young, 0
        self.young[text] = found
        self._weight += weight
        return found

    def clear(self) -> None:
        self.young, self._old, self._weight = {}, {}, 0
