"""The inputs of one partition that were read ahead."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from contracts.codec import UnreadableMessage
from toccata.runtime.fetch import Fetched, Start
from toccata.runtime.processor.input import ANEW, Offered, Source
from toccata.runtime.processor.partition import Partition
from toccata.runtime.processor.saver import Saver

BATCH_BYTES = 8 * 1024 * 1024
_LEAST_SHARE = 20
"""One of so many inputs of a batch is for each source that has any."""
_MOST_RECORDS = 4_000
_MOST_BYTES = 16 * 1024 * 1024


class Backlog:
    """Records of one input topic, in order."""

    __slots__ = ("_bytes", "_records")

    def __init__(self) -> None:
        self._records: deque[Fetched] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._records)

    @property
    def full(self) -> bool:
        return len(self._records) > _MOST_RECORDS or self._bytes > _MOST_BYTES

    @property
    def low(self) -> bool:
        return len(self._records) <= _MOST_RECORDS // 2 and self._bytes <= _MOST_BYTES // 2

    @property
    def first(self) -> Fetched:
        return self._records[0]

    def extend(self, records: list[Fetched]) -> None:
        self._records.extend(records)
        self._bytes += sum(len(record.value or b"") for record in records)

    def pop(self) -> Fetched:
        record = self._records.popleft()
        self._bytes -= len(record.value or b"")
        return record

    def clear(self) -> None:
        self._records.clear()
        self._bytes = 0


def take(sources: Sequence[Source], queues: Sequence[Backlog], most: int) -> tuple[list[Offered], bool]:
    """Take at most so many inputs: of the most urgent source, then of the next one. Also return whether a gate holds some back.

    So what comes in masses from outside never delays what our own services say by more than one batch. But each source that
    has something gets a small part of the batch, so none starves beside a more urgent one that never ends."""
    taken: list[Offered] = []
    held, size = False, 0
    order = sorted(range(len(sources)), key=lambda index: -sources[index].urgency)
    waiting = sum(1 for queue in queues if queue)
    for index in order:
        source, queue = sources[index], queues[index]
        waiting -= bool(queue)
        room = most - waiting * (most // _LEAST_SHARE)
        bytes_room = BATCH_BYTES - waiting * (BATCH_BYTES // _LEAST_SHARE)
        while queue and len(taken) < room and size < bytes_room:
            first = queue.first
            if not _is_ready(source, first):
                held = True
                break
            queue.pop()
            size += len(first.value or b"")
            taken.append(Offered(index, first.offset, first.key, first.value, first.timestamp_ms))
    return taken, held


def _is_ready(source: Source, fetched: Fetched) -> bool:
    if source.ready is None:
        return True
    try:
        return source.ready(source.codec.decode(fetched.value))
    except UnreadableMessage:
        return True


class Lane:
    """A partition with its backlogs. It decides when its own reading pauses, so a slow partition holds up no other one."""

    def __init__(self, queues: list[Backlog]) -> None:
        self.queues = queues
        self.starts: list[Start] = ["earliest"] * len(queues)
        """Where reading goes on, by source."""
        self.wake = asyncio.Event()
        self.task: asyncio.Task[None] | None = None
        self.partition: Partition | None = None
        self.saver: Saver | None = None
        self.stopped = ""
        """Why the partition cannot be recovered. Empty while it can."""
        self._paused = [False] * len(queues)

    def open(self, partition: Partition, saver: Saver) -> None:
        """Begin with a recovered partition."""
        self.partition, self.saver, self.stopped = partition, saver, ""
        for index, queue in enumerate(self.queues):
            queue.clear()
            self._paused[index] = False
            processed = partition.processed.get(index)
            self.starts[index] = "earliest" if processed is None else processed + 1

    def close(self) -> None:
        self.partition = self.saver = None

    def add(self, index: int, records: list[Fetched]) -> None:
        self.queues[index].extend(records)
        self.starts[index] = records[-1].offset + 1
        self.wake.set()

    def begin_anew(self, index: int, topic: str, number: int) -> None:
        """The topic was made anew: after what was read of the old one, take the new one from its beginning."""
        self.add(index, [Fetched(topic, number, ANEW, 0, None, None, [])])
        self.starts[index] = "earliest"

    def pause(self, index: int) -> bool:
        """Return whether reading pauses, because much is undecided."""
        self._paused[index] = self.queues[index].full
        return self._paused[index]

    def resumes(self, index: int) -> bool:
        """Return whether reading paused, and may go on."""
        return self._paused[index] and self.queues[index].low
