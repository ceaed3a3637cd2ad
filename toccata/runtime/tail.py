"""Follows topics from their end. If the broker is away, it waits and then continues at its last position, so that it misses
nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from toccata.runtime.errors import Transient
from toccata.runtime.fetch import Fetched, Reader, TopicPartition
from toccata.runtime.log import get_logger
from toccata.runtime.settings import KafkaSettings

log = get_logger()
_BACK_OFF_SECONDS = 0.5


class TopicTail:
    """Hands every record of some partitions to ``take``, in order per partition."""

    def __init__(
        self,
        settings: KafkaSettings,
        client_id: str,
        partitions: list[TopicPartition],
        take: Callable[[list[Fetched]], None],
    ) -> None:
        self._reader = Reader(settings, client_id)
        self._partitions = partitions
        self._take = take
        self._ready = asyncio.Event()
        self.connected = False
        """True if the last read succeeded."""

    @property
    def ready(self) -> bool:
        """True if the end was found. Every record that is appended from then on will be seen."""
        return self._ready.is_set()

    async def wait_ready(self) -> None:
        await self._ready.wait()

    def position(self, partition: TopicPartition) -> int:
        """The offset of the next record. Call it only when ready."""
        return self._reader.position(*partition)

    def lag(self) -> dict[str, int]:
        """The number of unread records, by topic."""
        return self._reader.lag()

    async def run(self) -> None:
        """Run for ever. Cancel it to stop."""
        try:
            while True:
                try:
                    if not self.ready:
                        await self._reader.assign(dict.fromkeys(self._partitions, "latest"))
                        self._ready.set()
                        self.connected = True
                    for records in (await self._reader.poll()).values():
                        self._take(records)
                    self.connected = True
                except Transient as error:
                    if self.connected:
                        log.warning("tail_unreachable", topic=self._partitions[0][0], reason=str(error))
                    self.connected = False
                    await asyncio.sleep(_BACK_OFF_SECONDS)
        finally:
            with suppress(asyncio.CancelledError):
                await self._reader.stop()
