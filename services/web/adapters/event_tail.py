"""The tail of ``executions.events``. It wakes callers that wait for an execution, and remembers the last event of each recent
one, so that a read can wait for the projection. It decodes only records that somebody waits for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from contracts.codec import Codec
from contracts.execution import AnyExecutionEvent
from contracts.topics import EXECUTION_PARTITIONS
from services.web.ports import EVENTS, Seen
from toccata.runtime.fetch import Fetched
from toccata.runtime.kafka import partition_of
from toccata.runtime.passed_over import take_each
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.tail import TopicTail

_REMEMBERED = 50_000
_EXPECTED = -1
_MAX_BUFFERED = 100_000
"""Events that one watcher may leave unread. More are dropped; the watcher sees the gap and reads the row again."""


class ExecutionWatch:
    __slots__ = ("_unread", "_waiter", "closed", "execution_id")

    def __init__(self, execution_id: str) -> None:
        self.execution_id = execution_id
        self.closed = False
        self._unread: list[Seen] = []
        self._waiter: asyncio.Future[None] | None = None

    def push(self, seen: Seen) -> None:
        if len(self._unread) >= _MAX_BUFFERED:
            self._unread.clear()
        self._unread.append(seen)
        self._wake()

    def close(self) -> None:
        self.closed = True
        self._wake()

    @property
    def pending(self) -> bool:
        return bool(self._unread)

    async def next(self, seconds: float) -> list[Seen]:
        if not self._unread and not self.closed:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(seconds):
                    await self._waiter
            except TimeoutError:
                return []
            finally:
                self._waiter = None
        taken, self._unread = self._unread, []
        return taken

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class EventTail:
    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        partitions = [(EVENTS, number) for number in range(EXECUTION_PARTITIONS)]
        self.tail = TopicTail(settings, f"{client_id}-events", partitions, self._take)
        self._codec: Codec[AnyExecutionEvent] = Codec(AnyExecutionEvent)
        self.closed = False
        self._watches: dict[bytes, list[ExecutionWatch]] = {}
        # Two generations are cheaper than an LRU: one dictionary write for each event, and still bounded.
        self._recent: dict[bytes, int] = {}
        self._older: dict[bytes, int] = {}

    @property
    def ready(self) -> bool:
        return self.tail.ready

    def end(self, partition: int) -> int:
        return self.tail.position((EVENTS, partition))

    @contextmanager
    def watch(self, execution_id: str) -> Iterator[ExecutionWatch]:
        key = execution_id.encode()
        watch = ExecutionWatch(execution_id)
        watch.closed = self.closed
        self._watches.setdefault(key, []).append(watch)
        try:
            yield watch
        finally:
            watches = self._watches[key]
            watches.remove(watch)
            if not watches:
                del self._watches[key]

    def close(self) -> None:
        """Tell all watchers that nothing more will come."""
        self.closed = True
        for watches in self._watches.values():
            for watch in watches:
                watch.close()

    def expect(self, execution_id: str) -> None:
        if self.recent(execution_id) is None:  # a repeated start of a known execution leads to no event
            self._remember(execution_id.encode(), _EXPECTED)

    def forget(self, execution_id: str) -> None:
        key = execution_id.encode()
        for remembered in (self._recent, self._older):
            if remembered.get(key) == _EXPECTED:
                del remembered[key]

    def recent(self, execution_id: str) -> tuple[int, int] | None:
        key = execution_id.encode()
        offset = self._recent.get(key)
        if offset is None:
            offset = self._older.get(key)
        return None if offset is None else (partition_of(key, EXECUTION_PARTITIONS), offset)

    def _remember(self, key: bytes, offset: int) -> None:
        self._recent[key] = offset
        if len(self._recent) > _REMEMBERED:
            self._older, self._recent = self._recent, {}

    def _take(self, records: list[Fetched]) -> None:
        watches = self._watches
        for record in records:
            key = record.key
            if key is None:
                continue
            self._remember(key, record.offset)
            if key in watches:
                # The indexer reads the same record. It buries one that cannot be read.
                take_each((record,), self._deliver)

    def _deliver(self, record: Fetched) -> None:
        seen = Seen(record.partition, record.offset, self._codec.decode(record.value))
        for watch in self._watches[record.key or b""]:
            watch.push(seen)
