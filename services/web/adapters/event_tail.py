"""The tail of ``executions.events``: wakes whoever waits for an execution, and remembers how far each recent one has
come so that a read can wait for the projection. Records that nobody waits for are not decoded."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from contracts.codec import Codec, UnreadableMessage
from contracts.execution import AnyExecutionEvent
from contracts.topics import EXECUTION_PARTITIONS
from services.web.adapters.tail import Tail
from toccata.runtime.fetch import Fetched
from toccata.runtime.kafka import partition_of
from toccata.runtime.log import get_logger
from toccata.runtime.settings import KafkaSettings

log = get_logger()
TOPIC = "executions.events"
_REMEMBERED = 50_000
_EXPECTED = -1
_MAX_BUFFERED = 100_000
"""Events that one watcher may leave unread before it is told that it lost some."""


class Seen(NamedTuple):
    partition: int
    offset: int
    event: AnyExecutionEvent


class Watch:
    """Events of one execution since the watch began, in order."""

    __slots__ = ("_waiter", "closed", "execution_id", "lost", "pending")

    def __init__(self, execution_id: str) -> None:
        self.execution_id = execution_id
        self.pending: list[Seen] = []
        self.lost = False
        """Too many were left unread: take the state from the projection again."""
        self.closed = False
        """Web stops: nothing more will come."""
        self._waiter: asyncio.Future[None] | None = None

    def push(self, seen: Seen) -> None:
        if len(self.pending) >= _MAX_BUFFERED:
            self.pending.clear()
            self.lost = True
        self.pending.append(seen)
        self._wake()

    def close(self) -> None:
        self.closed = True
        self._wake()

    async def next(self, seconds: float) -> list[Seen]:
        """What came since the last call; waits for one when nothing did. Empty when the time passed, or when closed."""
        if not self.pending and not self.closed:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                async with asyncio.timeout(seconds):
                    await self._waiter
            except TimeoutError:
                return []
            finally:
                self._waiter = None
        taken, self.pending = self.pending, []
        return taken

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class EventTail:
    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        partitions = [(TOPIC, number) for number in range(EXECUTION_PARTITIONS)]
        self.tail = Tail(settings, f"{client_id}-events", partitions, self._take)
        self._codec: Codec[AnyExecutionEvent] = Codec(AnyExecutionEvent)
        self.closed = False
        self._watches: dict[bytes, list[Watch]] = {}
        # Two generations instead of an LRU: one dictionary write an event, and bounded all the same.
        self._recent: dict[bytes, int] = {}
        self._older: dict[bytes, int] = {}

    @contextmanager
    def watch(self, execution_id: str) -> Iterator[Watch]:
        """From the moment this is entered no event of the execution is missed."""
        key = execution_id.encode()
        watch = Watch(execution_id)
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
        """Whoever waits is told that nothing more will come."""
        self.closed = True
        for watches in self._watches.values():
            for watch in watches:
                watch.close()

    def expect(self, execution_id: str) -> None:
        """A command for it was accepted here: its next event is still to come."""
        if self.recent(execution_id) is None:  # a repeated start of a known one leads to no event
            self._remember(execution_id.encode(), _EXPECTED)

    def forget(self, execution_id: str) -> None:
        """It was not accepted after all, or nobody knows: nothing of it is owed to a reader before it is seen."""
        key = execution_id.encode()
        for remembered in (self._recent, self._older):
            if remembered.get(key) == _EXPECTED:
                del remembered[key]

    def recent(self, execution_id: str) -> tuple[int, int] | None:
        """Partition and offset of its last event that was seen; offset -1 while one is expected; None: not recent."""
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
                self._deliver(watches[key], record)

    def _deliver(self, watches: list[Watch], record: Fetched) -> None:
        try:
            event = self._codec.decode(record.value)
        except UnreadableMessage as error:
            # Not ours to bury: the indexer reads the same record and does.
            log.warning(
                "event_unreadable", partition=record.partition, offset=record.offset, reason=error.reason
            )
            return
        seen = Seen(record.partition, record.offset, event)
        for watch in watches:
            watch.push(seen)
