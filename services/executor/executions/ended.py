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
    """Which execution ended when, by the hour. A closed hour is two sorted arrays, with 12 bytes for each execution.

    The present hour is pages in the order of the ends. So a snapshot only writes its last page, and a closed hour once."""

    __slots__ = ("_closed", "_hour", "_open", "_window", "touched")

    def __init__(self, window_ms: int) -> None:
        self._window = -(-window_ms // BUCKET_MS) + 1
        self._hour = 0
        self._open: list[dict[int, int]] = [{}]
        self._closed: dict[int, tuple[array[int], array[int]]] = {}
        self.touched: dict[str, None] = {}
        """Entities (:meth:`entities`) that changed since this was last emptied."""

    def add(self, execution_id: str, seq: int, at: Millis) -> None:
        hour = at // BUCKET_MS
        if hour > self._hour:
            self._close(hour)
        if len(self._open[-1]) >= PAGE:
            self._open.append({})
        self._open[-1][_fingerprint(execution_id)] = seq
        self.touched[_page(self._hour, len(self._open) - 1)] = None

    def seq_of(self, execution_id: str) -> int | None:
        """Return the number of the last event of an execution that ended within the window, else None."""
        mark = _fingerprint(execution_id)
        for page in reversed(self._open):  # a restarted id ends twice, and the later end counts
            if (seq := page.get(mark)) is not None:
                return seq
        for hour in reversed(self._closed):
            marks, seqs = self._closed[hour]
            place = bisect_left(marks, mark)
            if place < len(marks) and marks[place] == mark:
                return seqs[place]
        return None

    def __len__(self) -> int:
        return sum(map(len, self._open)) + sum(len(marks) for marks, _ in self._closed.values())

    def entities(self) -> Iterator[str]:
        """Yield the names of closed hours, and of pages of the present one."""
        yield from (f"ended/{hour}" for hour in self._closed)
        yield from (_page(self._hour, number) for number, page in enumerate(self._open) if page)

    def pages_of(self, entity: str) -> Iterator[EndedPage]:
        """Yield the ids of one entity. None: it is no entity (any more)."""
        _, hour, *number = entity.split("/")
        if number and int(hour) == self._hour and int(number[0]) < len(self._open):
            page = self._open[int(number[0])]
            if page:
                yield EndedPage(self._hour, list(page.items()))
        elif not number and int(hour) in self._closed:
            yield from self._closed_pages(int(hour))

    def pages(self) -> Iterator[EndedPage]:
        for entity in list(self.entities()):
            yield from self.pages_of(entity)

    def restore(self, pages: Iterable[EndedPage]) -> None:
        """Load pages. Of those of one hour, a later one counts more."""
        hours: dict[int, dict[int, int]] = {}
        for page in pages:
            hours.setdefault(page.hour, {}).update(page.marks)
        for hour in sorted(hours):
            self._close(hour)
            marks = list(hours[hour].items())
            starts = range(0, len(marks), PAGE)
            self._open = [dict(marks[start : start + PAGE]) for start in starts] or [{}]
            # It may have been written as a closed hour, or with more pages. The hours before it stand as they are.
            self.touched = dict.fromkeys([f"ended/{hour}", *(_page(hour, n) for n in range(len(starts) + 1))])

    def _closed_pages(self, hour: int) -> Iterator[EndedPage]:
        marked = list(zip(*self._closed[hour], strict=True))
        for first in range(0, len(marked), PAGE):
            yield EndedPage(hour, marked[first : first + PAGE])

    def _close(self, hour: int) -> None:
        seqs = {mark: seq for page in self._open for mark, seq in page.items()}
        if seqs:
            marks = sorted(seqs)
            self._closed[self._hour] = (array("Q", marks), array("Q", [seqs[mark] for mark in marks]))
            pages = (_page(self._hour, number) for number in range(len(self._open)))
            self.touched |= dict.fromkeys([f"ended/{self._hour}", *pages])
        self._open, self._hour = [{}], hour
        for old in [known for known in self._closed if known <= hour - self._window]:
            del self._closed[old]
            self.touched[f"ended/{old}"] = None


def _page(hour: int, number: int) -> str:
    return f"ended/{hour}/{number}"
