"""How far the projection lags behind the log. If it is too far behind, web takes no new executions, because nobody could
see them. Running ones go on."""

from __future__ import annotations

import asyncio

from services.web.core.problem import too_many, unavailable
from services.web.ports import EVENTS, Positions, Tail
from toccata.runtime.errors import Transient
from toccata.runtime.log import get_logger

log = get_logger()
_INTERVAL_SECONDS = 1.0
_RETRY_AFTER_SECONDS = 5


class ProjectionLag:
    def __init__(self, tail: Tail, positions: Positions, partitions: int, limit: int) -> None:
        self._tail = tail
        self._positions = positions
        self._partitions = range(partitions)
        self._limit = limit
        self._projected: dict[tuple[str, int], int] = {}
        self.events = 0
        """Events in the log that were not in the projection at the last measurement."""

    def check(self) -> None:
        """Raises Problem 503 before the first contact with the log, and 429 while the lag is over the limit."""
        if not self._tail.ready:
            raise unavailable("Kafka cannot be reached yet")
        if self.events > self._limit:
            raise too_many(
                f"The projection is {self.events} events behind: no new executions until it has caught up",
                _RETRY_AFTER_SECONDS,
            )

    async def run(self) -> None:
        """Measure for ever. While the database is away, the last known position counts, so the lag grows."""
        while True:
            try:
                self._projected |= await self._positions.positions()
            except Transient as error:
                log.warning("projection_unreachable", reason=str(error))
            self.measure()
            await asyncio.sleep(_INTERVAL_SECONDS)

    def measure(self) -> None:
        if not self._tail.ready:
            return
        behind = 0
        for partition in self._partitions:
            projected = self._projected.get((EVENTS, partition))
            if projected is not None:
                behind += max(0, self._tail.end(partition) - projected)
        self.events = behind
