"""The timers of a partition. A name has one due time at most."""

from __future__ import annotations

import heapq

from contracts.scalars import Millis


class Timers:
    """A heap by due time. It may hold times that no longer count; the dictionary has those that do."""

    def __init__(self) -> None:
        self._due: dict[str, Millis] = {}
        self._heap: list[tuple[Millis, int, str]] = []
        self._count = 0

    def set(self, name: str, due: Millis | None) -> None:
        """None cancels it."""
        if due is None:
            self._due.pop(name, None)
            return
        self._due[name] = due
        self._count += 1
        heapq.heappush(self._heap, (due, self._count, name))

    def next(self) -> tuple[Millis, str] | None:
        """Return the earliest. Of one time, the one that was set first."""
        heap = self._heap
        while heap and self._due.get(heap[0][2]) != heap[0][0]:
            heapq.heappop(heap)
        return (heap[0][0], heap[0][2]) if heap else None

    def pop_due(self, at: Millis) -> tuple[Millis, str] | None:
        """Take the earliest out of the heap if it is due. Its record cancels it."""
        first = self.next()
        if first is None or first[0] > at:
            return None
        heapq.heappop(self._heap)
        return first

    def items(self) -> list[tuple[str, Millis]]:
        return list(self._due.items())
