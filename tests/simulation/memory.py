"""The log in memory: topics, partitions, offsets. It can be truncated, and a topic can be made anew."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from contracts.topics import TOPICS
from toccata.runtime.kafka import partition_of


@dataclass(frozen=True, slots=True)
class Entry:
    offset: int
    key: bytes | None
    value: bytes | None
    at: int


class MemoryLog:
    def __init__(self, partitions: int) -> None:
        self._cap = partitions
        self.now = 0
        self._partitions: dict[tuple[str, int], list[Entry]] = defaultdict(list)
        self._begins: dict[tuple[str, int], int] = defaultdict(int)

    def partitions(self, topic: str) -> int:
        """Fewer than in production if numbers only cost time. Inboxes are addressed by number."""
        real = TOPICS[topic].partitions
        return real if topic == "workers.inbox" else min(real, self._cap)

    def append(self, topic: str, key: bytes | None, value: bytes | None, partition: int | None = None) -> int:
        if partition is None:
            partition = partition_of(key or b"", self.partitions(topic))
        offset = self.end(topic, partition)
        self._partitions[topic, partition].append(Entry(offset, key, value, self.now))
        return offset

    def append_batch(self, topic: str, partition: int, values: list[bytes]) -> int:
        base = self.end(topic, partition)
        for value in values:
            self.append(topic, None, value, partition)
        return base

    def read(self, topic: str, partition: int, offset: int, most: int = 1_000_000) -> list[Entry]:
        first = max(0, offset - self._begins[topic, partition])
        return self._partitions[topic, partition][first : first + most]

    def begin(self, topic: str, partition: int) -> int:
        return self._begins[topic, partition]

    def end(self, topic: str, partition: int) -> int:
        return self._begins[topic, partition] + len(self._partitions[topic, partition])

    def truncate(self, topic: str, partition: int, offset: int) -> None:
        """Remove what is below the offset: DeleteRecords, or retention."""
        begin = self._begins[topic, partition]
        if offset > begin:
            self._partitions[topic, partition] = self._partitions[topic, partition][offset - begin :]
            self._begins[topic, partition] = offset

    def compact(self, topic: str, partition: int) -> None:
        """Remove all but the last record of each key. Offsets do not matter, because such a topic is read from its beginning."""
        last = {entry.key: entry for entry in self._partitions[topic, partition]}
        kept = sorted(last.values(), key=lambda entry: entry.offset)
        self._partitions[topic, partition] = [entry for entry in kept if entry.value is not None]

    def make_anew(self, topic: str, partition: int) -> None:
        """Delete the topic and create it again."""
        self._partitions[topic, partition] = []
        self._begins[topic, partition] = 0

    def all(self, topic: str) -> list[Entry]:
        return [
            entry for number in range(self.partitions(topic)) for entry in self._partitions[topic, number]
        ]
