"""Appends messages to Kafka's topics."""

from __future__ import annotations

from collections.abc import Sequence

from contracts import codec
from contracts.message import Message
from toccata.runtime.kafka import Producer, Record


class KafkaLog:
    def __init__(self, producer: Producer) -> None:
        self._producer = producer

    async def append(self, topic: str, messages: Sequence[tuple[str, Message]]) -> None:
        records = [Record(key.encode(), codec.encode(message)) for key, message in messages]
        await self._producer.send(topic, records)

    async def answer(self, topic: str, partition: int, message: Message) -> None:
        await self._producer.send(topic, [Record(None, codec.encode(message), partition=partition)])
