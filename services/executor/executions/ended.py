"""Ids of executions that ended within the idempotency window. Small enough for millions of them."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from hashlib import blake2b

import msgspec

from contracts.scalars import Millis

BUCKET_MS = 3_600_000
PAGE = 8_000
"""The number of ids in one dumped item, which stays under 256 KiB."""


def _fingerprint(execution_id: str) -> int:
    """Return 64 bits of an id. Among a million ids, two share one with a chance of 1 : 40 million."""
    return int.from_bytes(blake2b(execution_id.encode(), digest_size=8).digest(), "big")


class EndedPage(msgspec.Struct, frozen=True, tag="ended"):
    """Some ids of one hour, as fingerprints with the number of the last event."""

    hour: int
    marks: list[tuple[int, int]]


class EndedIds:
    """Which execution ended when, by the hour. A closed hour is two sorted arrays, with 12 bytes for each execution."""

    __slots__ = ("_closed", "_hour", "_open", "_window")

    def __init__(self, window_ms: int) -> None:
        self._window = -(-window_ms // BUCKET_MS) + 1
        self._hour = 0
        self._open: dict[int, int] = {}
        self._closed: dict[int, tuple[array[int], array[int]]] = {}

    def add(self, execution_id: str, seq: int, at: Millis) -> None:
        hour = at // BUCKET_MS
        if hour > self._hour:
            self._close(hour)
        self._open[_fingerprint(execution_id)] = seq

    def seq_of(self, execution_id: str) -> int | None:
        """Return the number of the last event of an execution that ended within the window, else None."""
        mark = _fingerprint(execution_id)
        if (seq := self._open.get(mark)) is not None:
            return seq
        for hour in reversed(self._closed):  # a restarted id ends twice, and the later hour counts
            marks, seqs = self._closed[hour]
            place = bisect_left(marks, mark)
            if place < len(marks) and marks[place] == mark:
                return seqs[place]
        return None

    def __len__(self) -> int:
        return len(self._open) + sum(len(marks) for marks, _ in self._closed.values())

    def pages(self) -> Iterator[EndedPage]:
        hours: list[tuple[int, list[tuple[int, int]]]] = [
            (hour, list(zip(marks, seqs, strict=True))) for hour, (marks, seqs) in self._closed.items()
        ]
        hours.append((self._hour, sorted(self._open.items())))
        for hour, marked in hours:
            for first in range(0, len(marked), PAGE):
                yield EndedPage(hour, marked[first : first + PAGE])

    def restore(self, pages: Iterable[EndedPage]) -> None:
        hours: dict[int, dict[int, int]] = {}
        for page in pages:
            hours.setdefault(page.hour, {}).update(page.marks)
        for hour in sorted(hours):
            self._close(hour)
            self._open.update(hours[hour])

    def _close(self, hour: int) -> None:
        if self._open:
            marks = sorted(self._open)
            self._closed[self._hour] = (array("Q", marks), array("Q", [self._open[mark] for mark in marks]))
            self._open = {}
        self._hour = hour
        for old in [known for known in self._closed if known <= hour - self._window]:
            del self._closed[old]
