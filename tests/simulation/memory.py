"""The log in memory: topics, partitions, offsets. Records stay for ever; time is the world's."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from contracts.topics import TOPICS
from toccata.runtime.kafka import partition_of


@dataclass(frozen=True, slots=True)
class Entry:
    offset: int
    key: bytes | None
    value: bytes


class MemoryLog:
    def __init__(self, partitions: int) -> None:
        self._cap = partitions
        self._partitions: dict[tuple[str, int], list[Entry]] = defaultdict(list)

    def partitions(self, topic: str) -> int:
        """Fewer than in production if numbers only cost time. Inboxes are addressed by number."""
        real = TOPICS[topic].partitions
        return real if topic == "workers.inbox" else min(real, self._cap)

    def append(self, topic: str, key: bytes | None, value: bytes, partition: int | None = None) -> int:
        if partition is None:
            partition = partition_of(key or b"", self.partitions(topic))
        entries = self._partitions[topic, partition]
        entries.append(Entry(len(entries), key, value))
        return len(entries) - 1

    def append_batch(self, topic: str, partition: int, values: list[bytes]) -> int:
        base = self.end(topic, partition)
        for value in values:
            self.append(topic, None, value, partition)
        return base

    def read(self, topic: str, partition: int, offset: int, most: int = 1_000_000) -> list[Entry]:
        return self._partitions[topic, partition][offset : offset + most]

    def end(self, topic: str, partition: int) -> int:
        return len(self._partitions[topic, partition])

    def all(self, topic: str) -> list[Entry]:
        return [
            entry for number in range(self.partitions(topic)) for entry in self._partitions[topic, number]
        ]
