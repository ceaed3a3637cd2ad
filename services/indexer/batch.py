"""Decodes records as they come. They then wait for the next transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from contracts.codec import Codec, UnknownType, UnreadableMessage
from contracts.topics import TOPICS
from services.indexer.core.change import Seen
from toccata.runtime.fetch import Fetched, TopicPartition
from toccata.runtime.suspicion import Position

INPUTS = (
    "flows.state",
    "executions.events",
    "attempts.logs",
    "attempts.metrics",
    "triggers.events",
    "workers.events",
)
PARTITIONS: tuple[TopicPartition, ...] = tuple(
    (topic, partition) for topic in INPUTS for partition in range(TOPICS[topic].partitions)
)


@dataclass(slots=True)
class Item:
    record: Fetched
    seen: Seen | None
    reason: str = ""
    """Why there is nothing to project, if ``seen`` is None. Empty: a newer version wrote a type that this one passes over."""


class Decoder:
    def __init__(self) -> None:
        self._codecs: dict[str, Codec[Any]] = {topic: Codec(TOPICS[topic].messages) for topic in INPUTS}
        self._compacted = {topic for topic in INPUTS if TOPICS[topic].compact}

    def decode(self, records: Iterable[Fetched]) -> list[Item]:
        """Decode records, each by its topic. An unreadable one becomes an item with a reason."""
        items = []
        for record in records:
            topic = record.topic
            if record.value is None and topic in self._compacted:
                key = (record.key or b"").decode(errors="replace")
                items.append(Item(record, Seen(topic, record.partition, record.offset, None, key)))
                continue
            try:
                message = self._codecs[topic].decode(record.value)
            except UnknownType:
                items.append(Item(record, None))
            except UnreadableMessage as unreadable:
                items.append(Item(record, None, unreadable.reason))
            else:
                items.append(Item(record, Seen(topic, record.partition, record.offset, message)))
        return items


def place_of(record: Fetched) -> Position:
    """Return how a suspicion names this record."""
    return f"{record.topic}/{record.partition}", record.offset


def next_offsets(items: Sequence[Item]) -> dict[TopicPartition, int]:
    """Return where to go on after these items, which are in order within each partition."""
    return {(item.record.topic, item.record.partition): item.record.offset + 1 for item in items}
