"""Reads and writes ``access.state``: the sign-ins and tokens that all replicas of web share."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress

from contracts.access import AccessRecord
from contracts.codec import Codec, encode
from services.web.core.access.state import AccessState
from services.web.ports import ACCESS
from toccata.runtime.clock import monotonic
from toccata.runtime.errors import Transient
from toccata.runtime.fetch import Fetched, Reader
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.log import get_logger
from toccata.runtime.passed_over import take_each
from toccata.runtime.settings import KafkaSettings

log = get_logger()
_PARTITION = (ACCESS, 0)
_POLL_MS = 5_000
_FIRST_POLL_MS = 200
"""After an outage. It shows soon that the broker is back."""
_BACK_OFF_SECONDS = 0.5
_CATCH_UP_SECONDS = 5.0
_STALE_SECONDS = 60.0
"""A replica that is cut off from Kafka so long believes no session and no token any more: one may have ended elsewhere."""


class AccessTopic:
    def __init__(self, settings: KafkaSettings, client_id: str, producer: Producer) -> None:
        self._reader = Reader(settings, f"{client_id}-access")
        # A second connection, because the first one waits in a long poll.
        self._asker = Reader(settings, f"{client_id}-access-end")
        self._producer = producer
        self._codec: Codec[AccessRecord] = Codec(AccessRecord)
        self._state = AccessState()
        self._caught_up = asyncio.Event()
        self._moved = asyncio.Condition()
        self._asking = asyncio.Lock()
        self._asked = self._answered = 0
        self._end = 0
        self._position = -1
        self._read_at = float("-inf")
        self.connected = False
        """True if the last read succeeded."""

    @property
    def ready(self) -> bool:
        return self._caught_up.is_set()

    async def wait_ready(self) -> None:
        await self._caught_up.wait()

    @property
    def state(self) -> AccessState:
        if monotonic() - self._read_at > _STALE_SECONDS:
            raise Transient("the topic of sign-ins cannot be read")
        return self._state

    def lag(self) -> dict[str, int]:
        return self._reader.lag()

    async def append(self, records: Sequence[tuple[str, AccessRecord | None]]) -> None:
        await self._producer.send(
            ACCESS,
            [Record(key.encode(), encode(record) if record is not None else None) for key, record in records],
        )
        await self.catch_up()

    async def catch_up(self) -> None:
        arrived = self._asked
        try:
            async with asyncio.timeout(_CATCH_UP_SECONDS):
                async with self._asking:
                    # Many who wait share one question, if it was sent after they came.
                    if self._answered <= arrived:
                        await self._ask_end()
                async with self._moved:
                    await self._moved.wait_for(lambda: self._position >= self._end)
        except TimeoutError as error:
            raise Transient("the topic of sign-ins is not read in time") from error

    async def run(self) -> None:
        """Run for ever. Cancel it to stop."""
        try:
            while True:
                try:
                    await self._follow()
                except Transient as error:
                    if self.connected:
                        log.warning("tail_unreachable", topic=ACCESS, reason=str(error))
                    self.connected = False
                    await asyncio.sleep(_BACK_OFF_SECONDS)
        finally:
            with suppress(asyncio.CancelledError):
                await self._reader.stop()
                await self._asker.stop()

    async def _follow(self) -> None:
        if self._position < 0:
            await self._reader.assign({_PARTITION: "earliest"})
            self._end = (await self._reader.end_offsets([_PARTITION]))[_PARTITION]
            self._read_at = monotonic()
            self.connected = True
        while True:
            async with self._moved:
                self._position = self._reader.position(*_PARTITION)
                self._moved.notify_all()
            if self._position >= self._end:
                self._caught_up.set()
            wait_ms = _POLL_MS if self.connected else _FIRST_POLL_MS
            take_each((await self._reader.poll(wait_ms)).get(_PARTITION, ()), self._take)
            self._read_at = monotonic()
            self.connected = True

    async def _ask_end(self) -> None:
        self._asked += 1
        asked = self._asked
        self._end = max(self._end, (await self._asker.end_offsets([_PARTITION]))[_PARTITION])
        self._answered = asked

    def _take(self, fetched: Fetched) -> None:
        record = self._codec.decode(fetched.value) if fetched.value is not None else None
        self._state.apply((fetched.key or b"").decode(), record)
