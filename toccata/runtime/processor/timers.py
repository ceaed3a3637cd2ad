"""The timers of a partition. A name has one due time at most."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable

from contracts.scalars import Millis


class Timers:
    """A heap by due time, which may hold times that no longer count, and by entity the times that do.

    Most entities have one timer, so it stands there without a dictionary of its own: there may be a million."""

    def __init__(self, owner: Callable[[str], str]) -> None:
        """``owner`` gives the entity that a timer belongs to."""
        self._owner = owner
        self._held: dict[str, tuple[str, Millis] | dict[str, Millis]] = {}
        self._heap: list[tuple[Millis, int, str]] = []
        self._count = 0
        self.touched: dict[str, None] = {}
        """Entities whose timers changed since this was last emptied."""

    def set(self, name: str, due: Millis | None) -> None:
        """None cancels it."""
        owner = self._owner(name)
        self.touched[owner] = None
        if due is None:
            self._drop(owner, name)
        else:
            self._hold(owner, name, due)

    def load(self, owner: str, timers: Iterable[tuple[str, Millis]]) -> None:
        """Take over timers of one entity from a snapshot."""
        for name, due in timers:
            self._hold(owner, name, due)

    def _hold(self, owner: str, name: str, due: Millis) -> None:
        held = self._held.get(owner)
        if held is None or (isinstance(held, tuple) and held[0] == name):
            self._held[owner] = (name, due)
        elif isinstance(held, tuple):
            self._held[owner] = {held[0]: held[1], name: due}
        else:
            held[name] = due
        self._count += 1
        heapq.heappush(self._heap, (due, self._count, name))

    def _drop(self, owner: str, name: str) -> None:
        held = self._held.get(owner)
        if isinstance(held, dict):
            held.pop(name, None)
        if not held or (isinstance(held, tuple) and held[0] == name):
            self._held.pop(owner, None)

    def _due(self, name: str) -> Millis | None:
        held = self._held.get(self._owner(name))
        if isinstance(held, tuple):
            return held[1] if held[0] == name else None
        return None if held is None else held.get(name)

    def next(self) -> tuple[Millis, str] | None:
        """Return the earliest. Of one time, the one that was set first."""
        heap = self._heap
        while heap and self._due(heap[0][2]) != heap[0][0]:
            heapq.heappop(heap)
        return (heap[0][0], heap[0][2]) if heap else None

    def pop_due(self, at: Millis) -> tuple[Millis, str] | None:
        """Take the earliest out of the heap if it is due. Its record cancels it."""
        first = self.next()
        if first is None or first[0] > at:
            return None
        heapq.heappop(self._heap)
        return first

    def of(self, owner: str) -> list[tuple[str, Millis]]:
        """Return the timers of one entity."""
        held = self._held.get(owner, {})
        return [held] if isinstance(held, tuple) else list(held.items())

    def owners(self) -> list[str]:
        """Return the entities that have timers."""
        return list(self._held)

    def items(self) -> list[tuple[str, Millis]]:
        return [timer for owner in self._held for timer in self.of(owner)]
