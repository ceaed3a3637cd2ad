"""Sends records to Kafka with the runtime's producer, again with back-off until they are acknowledged."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field

from toccata.runtime.errors import RecordTooLarge
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.log import get_logger

HIGH_BYTES = 8 * 1024 * 1024
LOW_BYTES = 4 * 1024 * 1024
FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 2.0
log = get_logger()


@dataclass(slots=True)
class _Flight:
    """Records that were sent together and are acknowledged together."""

    records: list[tuple[str, Record]] = field(default_factory=list)
    done: list[Callable[[], None]] = field(default_factory=list)
    size: int = 0
    failures: int = 0


class KafkaOutbox:
    """``failing`` is true while Kafka does not accept records."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer
        self._flights: dict[asyncio.Future[None], _Flight] = {}
        self._pausing: set[asyncio.TimerHandle] = set()
        self._size = 0
        self._room: asyncio.Future[None] | None = None
        self._empty: asyncio.Future[None] | None = None
        self.failing = False

    def post(self, topic: str, key: str, value: bytes, done: Callable[[], None] | None = None) -> None:
        record = Record(key.encode(), value)
        try:
            future = self._producer.post(topic, record)
        except RecordTooLarge as error:
            # Senders keep their records small. If one does not, its record must not hold up the others.
            log.error("record_dropped", topic=topic, key=key, reason=str(error))
            if done is not None:
                done()
            return
        flight = self._flights.get(future)
        if flight is None:
            flight = self._flights[future] = _Flight()
            future.add_done_callback(self._landed)
        flight.records.append((topic, record))
        flight.size += len(value)
        self._size += len(value)
        if done is not None:
            flight.done.append(done)

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

    def _landed(self, future: asyncio.Future[None]) -> None:
        flight = self._flights.pop(future)
        if future.cancelled() or future.exception() is not None:
            self._again(flight, "cancelled" if future.cancelled() else str(future.exception()))
            return
        if self.failing:
            log.info("records_flow_again")
            self.failing = False
        for done in flight.done:
            done()
        self._size -= flight.size
        if self._room is not None and self._size <= LOW_BYTES:
            self._room.set_result(None)
            self._room = None
        self._check_empty()

    def _again(self, flight: _Flight, reason: str) -> None:
        if not self.failing:
            log.warning("records_delayed", reason=reason, records=len(flight.records))
            self.failing = True
        flight.failures += 1
        pause = min(FIRST_PAUSE_SECONDS * 2 ** min(flight.failures - 1, 10), LONGEST_PAUSE_SECONDS)
        loop = asyncio.get_running_loop()

        def resend() -> None:
            self._pausing.discard(handle)
            for topic, record in flight.records:
                future = self._producer.post(topic, record)
            joined = self._flights.get(future)
            if joined is None:
                self._flights[future] = flight
                future.add_done_callback(self._landed)
            else:
                joined.records.extend(flight.records)
                joined.done.extend(flight.done)
                joined.size += flight.size
                joined.failures = max(joined.failures, flight.failures)

        handle = loop.call_later(pause * random.uniform(0.5, 1.0), resend)  # noqa: S311 - jitter, not a secret
        self._pausing.add(handle)

    def _check_empty(self) -> None:
        if self._empty is not None and not self._flights and not self._pausing:
            self._empty.set_result(None)
            self._empty = None
