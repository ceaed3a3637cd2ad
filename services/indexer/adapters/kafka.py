"""Writes the indexer's dead letters to Kafka."""

from __future__ import annotations

from collections.abc import Sequence

from toccata.runtime.dead_letter import dead_letter
from toccata.runtime.fetch import Fetched
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.log import get_logger

log = get_logger()


class KafkaDeadLetters:
    def __init__(self, producer: Producer) -> None:
        self._producer = producer

    async def bury(self, records: Sequence[tuple[Fetched, str]]) -> None:
        letters = []
        for record, reason in records:
            log.error(
                "record_buried",
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                reason=reason,
            )
            value = dead_letter(
                record.topic, record.partition, record.offset, reason, record.key, record.value or b""
            )
            letters.append(Record(record.topic.encode(), value))
        await self._producer.send("dead", letters)
