"""The queue of one worker group: by priority, then by turns of the lanes, then first in, first out."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

Lane = OrderedDict[str, None]
"""Keys of the queued attempts with one fair key, oldest first."""


class Queued(Protocol):
    """What the queue needs to know about an attempt."""

    @property
    def priority(self) -> int: ...
    @property
    def fair_key(self) -> str: ...


class Queue:
    def __init__(self) -> None:
        self._lanes: dict[int, OrderedDict[str, Lane]] = {}
        self._priorities: list[int] = []
        """Highest first."""

    def __bool__(self) -> bool:
        return bool(self._priorities)

    def __len__(self) -> int:
        return sum(len(lane) for lanes in self._lanes.values() for lane in lanes.values())

    def first(self) -> str:
        lanes = self._lanes[self._priorities[0]]
        return next(iter(next(iter(lanes.values()))))

    def add(self, key: str, attempt: Queued) -> None:
        self._lane(attempt)[key] = None

    def put_back(self, key: str, attempt: Queued) -> None:
        """Put it before all others of its priority."""
        lane = self._lane(attempt)
        lane[key] = None
        lane.move_to_end(key, last=False)
        self._lanes[attempt.priority].move_to_end(attempt.fair_key, last=False)

    def take(self, key: str, attempt: Queued) -> None:
        """Take it out. Its lane then waits behind the others of its priority."""
        self.remove(key, attempt)
        lanes = self._lanes.get(attempt.priority)
        if lanes is not None and attempt.fair_key in lanes:
            lanes.move_to_end(attempt.fair_key)

    def remove(self, key: str, attempt: Queued) -> None:
        lanes = self._lanes[attempt.priority]
        lane = lanes[attempt.fair_key]
        del lane[key]
        if not lane:
            del lanes[attempt.fair_key]
            if not lanes:
                del self._lanes[attempt.priority]
                self._priorities.remove(attempt.priority)

    def keys(self) -> list[str]:
        """Return all keys, lane by lane. Adding them in this order restores the queue."""
        return [
            key for priority in self._priorities for lane in self._lanes[priority].values() for key in lane
        ]

    def _lane(self, attempt: Queued) -> Lane:
        lanes = self._lanes.get(attempt.priority)
        if lanes is None:
            lanes = self._lanes[attempt.priority] = OrderedDict()
            self._priorities.append(attempt.priority)
            self._priorities.sort(reverse=True)
        lane = lanes.get(attempt.fair_key)
        if lane is None:
            lane = lanes[attempt.fair_key] = OrderedDict()
        return lane
