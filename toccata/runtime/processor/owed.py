"""Sends what a partition owes to other topics, in order for each of their partitions.

If one of them refuses, the others still get theirs, and get it once: only what was not acknowledged is sent again. The mark moves
over everything that was acknowledged before the first failure.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

from toccata.runtime.kafka import Record
from toccata.runtime.processor.outgoing import Sendable
from toccata.runtime.processor.partition import Partition


class Receivers(Protocol):
    def post(self, topic: str, record: Record) -> asyncio.Future[int]:
        """Return a future that raises Transient if the record, and those after it in its partition, were not sent."""
        ...


class OwedSender:
    """For one instance of a partition."""

    def __init__(self, outbox: Receivers, moved: Callable[[], object] = lambda: None) -> None:
        """``moved`` is called when the partition owes less than its limit again."""
        self._outbox = outbox
        self._moved = moved
        self._acknowledged: set[tuple[int, int]] = set()
        """Sendables that are ahead of the mark, by their seq and their place among those of that seq."""

    async def send(self, partition: Partition) -> None:
        """Send until nothing is owed. Raise Transient if something was not acknowledged; the mark is then before that."""
        while partition.owed:
            through, sendables = partition.unsent()
            places = _places(sendables)
            posted = {
                place: self._outbox.post(
                    item.topic, Record(item.key, item.value or None, item.headers, item.partition)
                )
                for place, item in zip(places, sendables, strict=True)
                if place not in self._acknowledged
            }
            if posted:
                await asyncio.wait(set(posted.values()))
            failed = {place: future for place, future in posted.items() if _failed(future)}
            if failed:
                first = min(failed)
                self._sent(partition, first[0] - 1)
                self._acknowledged |= posted.keys() - failed.keys()
                self._acknowledged = {place for place in self._acknowledged if place[0] >= first[0]}
                failed[first].result()
            self._sent(partition, through)
            self._acknowledged = {place for place in self._acknowledged if place[0] > through}

    def _sent(self, partition: Partition, through: int) -> None:
        overdrawn = partition.overdrawn
        partition.sent(through)
        if overdrawn and not partition.overdrawn:
            self._moved()


def _places(sendables: list[Sendable]) -> list[tuple[int, int]]:
    places: list[tuple[int, int]] = []
    for item in sendables:
        follows = bool(places) and places[-1][0] == item.seq
        places.append((item.seq, places[-1][1] + 1 if follows else 0))
    return places


def _failed(future: asyncio.Future[int]) -> bool:
    return future.cancelled() or future.exception() is not None
