"""Whether new executions are taken: while the projection is too far behind the log they are not, so that running ones
are not touched and nobody starts what cannot be seen."""

from __future__ import annotations

import asyncio

from services.web.adapters.event_tail import TOPIC
from services.web.adapters.tail import Tail
from services.web.core.problem import too_many, unavailable
from services.web.ports import Positions
from toccata.runtime.errors import Transient
from toccata.runtime.log import get_logger

log = get_logger()
_INTERVAL_SECONDS = 1.0
_RETRY_AFTER_SECONDS = 5


class Admission:
    def __init__(self, tail: Tail, positions: Positions, partitions: int, max_lag: int) -> None:
        self._tail = tail
        self._positions = positions
        self._partitions = [(TOPIC, number) for number in range(partitions)]
        self._max_lag = max_lag
        self._projected: dict[tuple[str, int], int] = {}
        self.lag = 0
        """Events in the log that are not in the projection, as last measured."""

    def check(self) -> None:
        """Raises Problem: 503 before the first contact with the log, 429 while the lag is over the limit."""
        if not self._tail.ready:
            raise unavailable("Kafka cannot be reached yet")
        if self.lag > self._max_lag:
            raise too_many(
                f"The projection is {self.lag} events behind: no new executions until it has caught up",
                _RETRY_AFTER_SECONDS,
            )

    async def run(self) -> None:
        """Measure for ever. While the database is away the last known position counts, so the lag grows."""
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
            projected = self._projected.get(partition)
            if projected is not None:
                behind += max(0, self._tail.position(partition) - projected)
        self.lag = behind
