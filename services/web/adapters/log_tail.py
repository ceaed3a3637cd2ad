"""The tail of ``attempts.logs``, read only while somebody follows logs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from contracts.codec import Codec, UnreadableMessage
from contracts.telemetry import AttemptLogs
from contracts.topics import EXECUTION_PARTITIONS
from services.web.adapters.tail import Tail
from toccata.runtime.fetch import Fetched
from toccata.runtime.kafka import partition_of
from toccata.runtime.log import get_logger
from toccata.runtime.settings import KafkaSettings

log = get_logger()
TOPIC = "attempts.logs"
_MAX_BUFFERED = 10_000
"""Records that a slow follower may fall behind; older ones are then left out of its stream."""


class Followed:
    """What is said about one execution from now on."""

    def __init__(self, partition: int, next_offset: int) -> None:
        self.partition = partition
        self.next_offset = next_offset
        """Everything before it must be read from the projection."""
        # None: web stops, nothing more will come.
        self.queue: asyncio.Queue[AttemptLogs | None] = asyncio.Queue(_MAX_BUFFERED)

    def push(self, logs: AttemptLogs | None) -> None:
        if self.queue.full():
            self.queue.get_nowait()
            log.warning("log_follower_slow", partition=self.partition)
        self.queue.put_nowait(logs)


class LogTail:
    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._codec: Codec[AttemptLogs] = Codec(AttemptLogs)
        self._followers: dict[bytes, list[Followed]] = {}
        self._tail: Tail | None = None
        self._running: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def follow(self, execution_id: str) -> AsyncIterator[Followed]:
        key = execution_id.encode()
        tail = self._ensure_running()
        partition = partition_of(key, EXECUTION_PARTITIONS)
        followers = self._followers.setdefault(key, [])
        followed = Followed(partition, 0)
        followers.append(followed)
        try:
            await tail.wait_ready()
            followed.next_offset = tail.position((TOPIC, partition))
            yield followed
        finally:
            followers.remove(followed)
            if not followers and self._followers.get(key) is followers:
                del self._followers[key]
            if not self._followers:
                await self.stop()

    def close(self) -> None:
        for followers in self._followers.values():
            for followed in followers:
                followed.push(None)

    async def stop(self) -> None:
        running, self._running, self._tail = self._running, None, None
        if running is not None:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    def _ensure_running(self) -> Tail:
        if self._tail is None:
            partitions = [(TOPIC, number) for number in range(EXECUTION_PARTITIONS)]
            self._tail = Tail(self._settings, f"{self._client_id}-logs", partitions, self._take)
            self._running = asyncio.get_running_loop().create_task(self._tail.run())
        return self._tail

    def _take(self, records: list[Fetched]) -> None:
        for record in records:
            followers = self._followers.get(record.key) if record.key is not None else None
            if not followers:
                continue
            try:
                logs = self._codec.decode(record.value)
            except UnreadableMessage as error:
                log.warning(
                    "logs_unreadable", partition=record.partition, offset=record.offset, reason=error.reason
                )
                continue
            for followed in followers:
                followed.push(logs)
