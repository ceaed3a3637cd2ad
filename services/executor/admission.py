"""How far the projection lags behind the public events: the measure by which starts are admitted.

The indexer commits the offsets that it has projected to a consumer group, as any lag tool reads them.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from contracts.topics import TOPICS
from services.runtime.errors import Transient
from services.runtime.fetch import Reader
from services.runtime.log import get_logger
from services.runtime.settings import KafkaSettings

log = get_logger()
_TOPIC = "executions.events"
_PERIOD_SECONDS = 1.0


class Admission:
    """``open`` is False while the lag is over the limit. Unknown lag (broker away) leaves it as it was."""

    def __init__(self, settings: KafkaSettings, client_id: str, max_lag: int) -> None:
        self._settings = settings
        self._client_id = f"{client_id}-admission"
        self._max_lag = max_lag
        self._reader = Reader(settings, self._client_id)
        self.lag = 0
        self.open = True

    async def run(self) -> None:
        while True:
            admin = AIOKafkaAdminClient(**self._settings.client_options(), client_id=self._client_id)
            try:
                await admin.start()
                while True:
                    await self._measure(admin)
                    await asyncio.sleep(_PERIOD_SECONDS)
            except (KafkaError, OSError, TimeoutError, Transient) as error:
                log.warning("projection_lag_unknown", reason=repr(error))
            finally:
                with suppress(KafkaError, OSError, TimeoutError):
                    await asyncio.wait_for(admin.close(), 2)
            await asyncio.sleep(_PERIOD_SECONDS)

    async def stop(self) -> None:
        await self._reader.stop()

    async def _measure(self, admin: AIOKafkaAdminClient) -> None:
        partitions = [(_TOPIC, number) for number in range(TOPICS[_TOPIC].partitions)]
        ends = await self._reader.end_offsets(partitions)
        name = self._settings.topic_prefix + _TOPIC
        committed = {
            tp.partition: found.offset
            for tp, found in (await admin.list_consumer_group_offsets(self._settings.topic_prefix + "indexer")).items()
            if tp.topic == name and found.offset >= 0
        }
        begins = await self._reader.beginning_offsets(partitions) if len(committed) < len(partitions) else {}
        self.lag = sum(ends[p] - committed.get(p[1], begins.get(p, 0)) for p in partitions)
        now_open = self.lag <= self._max_lag
        if now_open != self.open:
            log.warning("admission_changed", open=now_open, lag=self.lag, limit=self._max_lag)
        self.open = now_open
