"""Learns the brokers' time before web dates anything."""

from __future__ import annotations

import asyncio

from contracts import codec
from contracts.reply import Reply
from toccata.runtime.clock import PROCESS, now_ms
from toccata.runtime.errors import Transient
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.reply_tail import TOPIC

_AGAIN_SECONDS = 0.5


class BrokerTime:
    """A start that is dated wrong by days would not be run. The answer to an append says the time, so this sends a reply that nobody awaits."""

    def __init__(self, producer: Producer, partition: int) -> None:
        self._producer = producer
        self._partition = partition
        self._heard = asyncio.Event()

    @property
    def ready(self) -> bool:
        return self._heard.is_set()

    async def wait_ready(self) -> None:
        await self._heard.wait()

    async def run(self) -> None:
        """Return when a broker has said its time."""
        while not PROCESS.heard_a_broker:
            reply = Reply(request_id="what-time-is-it", accepted=True, at=now_ms())
            try:
                await self._producer.send(
                    TOPIC, [Record(None, codec.encode(reply), partition=self._partition)]
                )
            except Transient:
                # Without Kafka, requests are refused anyhow.
                await asyncio.sleep(_AGAIN_SECONDS)
        self._heard.set()
