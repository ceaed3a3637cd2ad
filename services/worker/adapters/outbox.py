"""Sends records to Kafka with the runtime's producer, again with back-off until they are acknowledged."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass

from toccata.runtime.errors import RecordTooLarge
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.log import get_logger

HIGH_BYTES = 8 * 1024 * 1024
LOW_BYTES = 4 * 1024 * 1024
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
log = get_logger()


@dataclass(slots=True)
class _Posted:
    topic: str
    record: Record
    done: Callable[[], None] | None
    failures: int = 0

    @property
    def size(self) -> int:
        return len(self.record.value or b"")


class KafkaOutbox:
    """``failing`` is true while Kafka does not accept records."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._flights: dict[asyncio.Future[int], list[_Posted]] = {}
        """By the acknowledgement of their batch."""
        self._pausing: set[asyncio.TimerHandle] = set()
        self._size = 0
        self._room: asyncio.Future[None] | None = None
        self._empty: asyncio.Future[None] | None = None
        self.failing = False

    def post(self, topic: str, key: str, value: bytes, done: Callable[[], None] | None = None) -> None:
        posted = _Posted(topic, Record(key.encode(), value), done)
        self._size += posted.size
        try:
            self._post(posted)
        except RecordTooLarge as error:
            # Senders keep their records small. If one does not, its record must not hold up the others.
            log.error("record_dropped", topic=topic, key=key, reason=str(error))
            self._size -= posted.size
            if done is not None:
                done()

    def _post(self, posted: _Posted) -> None:
        future = self._producer.post(posted.topic, posted.record)
        if future not in self._flights:
            self._flights[future] = []
            future.add_done_callback(self._landed)
        self._flights[future].append(posted)

    async def drained(self) -> None:
        while self._flights or self._pausing:
            if self._empty is None:
                self._empty = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._empty)

    def room(self) -> asyncio.Future[None] | None:
        if self._size < HIGH_BYTES:
            return None
        if self._room is None:
            self._room = asyncio.get_running_loop().create_future()
        return self._room

    @property
    def unacknowledged_bytes(self) -> int:
        return self._size

    def _landed(self, future: asyncio.Future[int]) -> None:
        flight = self._flights.pop(future)
        if future.cancelled() or future.exception() is not None:
            self._again(flight, "cancelled" if future.cancelled() else str(future.exception()))
            return
        if self.failing and not self._pausing and not self._any_again():
            log.info("records_flow_again")
            self.failing = False
        for posted in flight:
            self._size -= posted.size
            if posted.done is not None:
                posted.done()
        if self._room is not None and self._size <= LOW_BYTES:
            self._room.set_result(None)
            self._room = None
        self._check_empty()

    def _again(self, flight: list[_Posted], reason: str) -> None:
        if not self.failing:
            log.warning("records_delayed", reason=reason, records=len(flight))
            self.failing = True
        failures = max(posted.failures for posted in flight)
        pause = min(FIRST_PAUSE_SECONDS * 2 ** min(failures, 10), LONGEST_PAUSE_SECONDS)

        def resend() -> None:
            self._pausing.discard(handle)
            for posted in flight:
                posted.failures = failures + 1
                self._post(posted)

        loop = asyncio.get_running_loop()
        handle = loop.call_later(pause * random.uniform(0.5, 1.0), resend)  # noqa: S311 - jitter, not a secret
        self._pausing.add(handle)

    def _any_again(self) -> bool:
        return any(posted.failures for flight in self._flights.values() for posted in flight)

    def _check_empty(self) -> None:
        if self._empty is not None and not self._flights and not self._pausing:
            self._empty.set_result(None)
            self._empty = None
