"""The tail of ``attempts.logs``, read only while somebody follows logs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from contracts.codec import Codec
from contracts.telemetry import AttemptLogs, LogMessage
from contracts.topics import EXECUTION_PARTITIONS
from services.web.ports import LOGS
from toccata.runtime.fetch import Fetched
from toccata.runtime.kafka import partition_of
from toccata.runtime.log import get_logger
from toccata.runtime.passed_over import take_each
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.tail import TopicTail

log = get_logger()
_MAX_BUFFERED = 10_000
"""Records that a follower may leave unread. After that, its stream loses the oldest ones."""


class SpokenLines:
    def __init__(self, partition: int, next_offset: int) -> None:
        self.partition = partition
        self.next_offset = next_offset
        self._queue: asyncio.Queue[AttemptLogs | None] = asyncio.Queue(_MAX_BUFFERED)

    def push(self, logs: AttemptLogs | None) -> None:
        """None means that web stops and nothing more will come."""
        if self._queue.full():
            self._queue.get_nowait()
            log.warning("log_follower_slow", partition=self.partition)
        self._queue.put_nowait(logs)

    async def next(self) -> AttemptLogs | None:
        return await self._queue.get()


class LogTail:
    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._codec: Codec[LogMessage] = Codec(LogMessage)
        self._followers: dict[bytes, list[SpokenLines]] = {}
        self._tail: TopicTail | None = None
        self._running: asyncio.Task[None] | None = None

    @asynccontextmanager
    async def follow(self, execution_id: str) -> AsyncIterator[SpokenLines]:
        key = execution_id.encode()
        tail = self._ensure_running()
        partition = partition_of(key, EXECUTION_PARTITIONS)
        followers = self._followers.setdefault(key, [])
        followed = SpokenLines(partition, 0)
        followers.append(followed)
        try:
            await tail.wait_ready()
            followed.next_offset = tail.position((LOGS, partition))
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

    def _ensure_running(self) -> TopicTail:
        if self._tail is None:
            partitions = [(LOGS, number) for number in range(EXECUTION_PARTITIONS)]
            self._tail = TopicTail(self._settings, f"{self._client_id}-logs", partitions, self._take)
            self._running = asyncio.get_running_loop().create_task(self._tail.run())
        return self._tail

    def _take(self, records: list[Fetched]) -> None:
        take_each(records, self._deliver)

    def _deliver(self, record: Fetched) -> None:
        followers = self._followers.get(record.key) if record.key is not None else None
        if not followers:
            return
        logs = self._codec.decode(record.value)
        if isinstance(logs, AttemptLogs):  # a deletion takes nothing back that was sent
            for followed in followers:
                followed.push(logs)
