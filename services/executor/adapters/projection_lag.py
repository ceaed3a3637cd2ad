"""Measures how far the projection lags behind the public events. Starts are admitted by this measure.

The indexer commits the offsets that it has projected to a consumer group, where any lag tool can read them.
"""

from __future__ import annotations

import asyncio

from contracts.topics import TOPICS
from toccata.runtime.errors import Transient
from toccata.runtime.fetch import Reader
from toccata.runtime.group_position import GroupPositions
from toccata.runtime.log import get_logger
from toccata.runtime.settings import KafkaSettings

log = get_logger()
_PARTITIONS = [("executions.events", number) for number in range(TOPICS["executions.events"].partitions)]
_PERIOD_SECONDS = 1.0


class ProjectionLag:
    """``within_limit`` tells whether new executions are accepted. While the broker is away it keeps its last value."""

    def __init__(self, settings: KafkaSettings, client_id: str, max_lag: int) -> None:
        name = f"{client_id}-projection-lag"
        self._max_lag = max_lag
        self._reader = Reader(settings, name)
        self._projected = GroupPositions(settings, name, settings.topic_prefix + "indexer")
        self.lag = 0
        self.within_limit = True

    async def run(self) -> None:
        while True:
            try:
                await self._measure()
            except Transient as error:
                log.warning("projection_lag_unknown", reason=str(error))
            await asyncio.sleep(_PERIOD_SECONDS)

    async def stop(self) -> None:
        await self._reader.stop()
        await self._projected.stop()

    async def _measure(self) -> None:
        ends = await self._reader.end_offsets(_PARTITIONS)
        projected = await self._projected.committed(_PARTITIONS)
        if len(projected) < len(_PARTITIONS):
            projected = await self._reader.beginning_offsets(_PARTITIONS) | projected
        self.lag = sum(ends[partition] - projected[partition] for partition in _PARTITIONS)
        within = self.lag <= self._max_lag
        if within != self.within_limit:
            log.warning("projection_lag_changed", within_limit=within, lag=self.lag, limit=self._max_lag)
        self.within_limit = within
