"""The batches that wait for one partition, in order, with the sequence numbers of an idempotent producer.

It is pure: callers give the time, in seconds, and send what it hands out. At most one batch is on its way. When a batch fails,
those behind it fail too, unsent, so that nothing overtakes it; other partitions do not notice.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.record.default_records import DefaultRecordBatchBuilder

from contracts.cloudevent import Headers
from toccata.runtime.errors import Transient

BATCH_BYTES = 1_000_000
_MAGIC = 2
_CODECS = {None: 0, "gzip": 1, "snappy": 2, "lz4": 3, "zstd": 4}
_MOST_SEQUENCES = 2**31
_COMPRESSED_FROM_BYTES = 4 * 1024
"""Smaller batches travel as they are. To compress one, to look into it at the broker, and to unpack it at each reader costs more than its bytes."""
_RETRY_SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0)


@dataclass(slots=True)
class Record:
    key: bytes | None
    value: bytes | None
    headers: Headers | Sequence[tuple[str, bytes]] = ()
    partition: int | None = None
    """None: chosen by the key."""
    timestamp_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """What the broker knows a producer by."""

    producer_id: int
    epoch: int


class Batch:
    __slots__ = ("_builder", "_codec", "_records", "acknowledged", "count", "data", "deadline")

    def __init__(self, compression: str | None, deadline: float) -> None:
        self._codec = _CODECS[compression]
        self._records: list[Record] = []
        """Kept as long as it may become worth while to compress them."""
        self._builder: Any = _builder(_CODECS[None])
        self.acknowledged: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """The offset of the first record. It raises Transient if sending fails."""
        self.acknowledged.add_done_callback(_retrieve)
        self.count = 0
        self.deadline = deadline
        self.data: bytes | None = None
        """The encoded batch, once it was handed out. A repetition sends the same bytes, so the broker knows it."""

    def add(self, record: Record) -> bool:
        """Return False if it has no room."""
        appended = self._builder.append(
            self.count, record.timestamp_ms, record.key, record.value, list(record.headers)
        )
        if appended is None:
            return False
        self.count += 1
        if self._codec:
            self._records.append(record)
        return True

    def encode(self, identity: Identity, sequence: int) -> None:
        if self._codec and self._builder.size() >= _COMPRESSED_FROM_BYTES:
            self._builder = _builder(self._codec)
            for place, each in enumerate(self._records):
                self._builder.append(place, each.timestamp_ms, each.key, each.value, list(each.headers))
        self._records = []
        self._builder.set_producer_state(identity.producer_id, identity.epoch, sequence)
        self.data = bytes(self._builder.build())
        self._builder = None


def _builder(codec: int) -> Any:
    return DefaultRecordBatchBuilder(_MAGIC, codec, 0, -1, -1, 0, BATCH_BYTES)


class Lane:
    def __init__(self, name: str, partition: int, compression: str | None) -> None:
        self.name = name
        self.partition = partition
        self.identity: Identity | None = None
        """None: the next batch needs a new one."""
        self.failed = False
        """A batch failed that may have landed. So the count that the broker knows is in doubt."""
        self.sending = False
        self.retry_at = 0.0
        self._failures = 0
        self._compression = compression
        self._sequence = 0
        self._batches: deque[Batch] = deque()

    def __bool__(self) -> bool:
        return bool(self._batches)

    def begin(self, identity: Identity) -> None:
        self.identity, self._sequence = identity, 0

    def acknowledgements(self) -> list[asyncio.Future[int]]:
        return [batch.acknowledged for batch in self._batches]

    @property
    def first(self) -> Batch:
        return self._batches[0]

    def add(self, record: Record, deadline: float) -> Batch:
        """Put it into the last batch that waits, or into a new one."""
        last = self._batches[-1] if self._batches else None
        if last is None or last.data is not None or not last.add(record):
            last = Batch(self._compression, deadline)
            assert last.add(record), "the size check let a record over the batch size pass"
            self._batches.append(last)
        return last

    def add_alone(self, records: Iterable[Record], deadline: float) -> list[Batch]:
        """Put them into batches that nothing else joins, as few as possible."""
        batches: list[Batch] = []
        for record in records:
            if not batches or not batches[-1].add(record):
                batches.append(Batch(self._compression, deadline))
                assert batches[-1].add(record), "the size check let a record over the batch size pass"
        self._batches.extend(batches)
        return batches

    def take(self) -> bytes:
        """Return the first batch as bytes. ``identity`` is set by then."""
        assert self.identity is not None
        batch = self.first
        if batch.data is None:
            batch.encode(self.identity, self._sequence)
            self._sequence = (self._sequence + batch.count) % _MOST_SEQUENCES
        assert batch.data is not None
        return batch.data

    def landed(self, offset: int) -> None:
        batch = self._batches.popleft()
        self._failures, self.retry_at = 0, 0.0
        if not batch.acknowledged.done():
            batch.acknowledged.set_result(offset)

    def try_again(self, now: float, reason: str) -> None:
        """The first batch may or may not have landed. Fail it if its time is over."""
        if now >= self.first.deadline:
            self.fail(now, f"not acknowledged in time: {reason}")
            return
        self.retry_at = now + _RETRY_SECONDS[min(self._failures, len(_RETRY_SECONDS) - 1)]
        self._failures += 1

    def fail(self, now: float, reason: str) -> None:
        """Fail the first batch and those behind it. The next one begins with a new identity, because the count is in doubt."""
        if self.first.data is not None:
            self.identity, self.failed = None, True
        failed, self._batches = self._batches, deque()
        self.retry_at = now + _RETRY_SECONDS[min(self._failures, len(_RETRY_SECONDS) - 1)]
        self._failures += 1
        for batch in failed:
            if not batch.acknowledged.done():
                batch.acknowledged.set_exception(
                    Transient(f"sending to {self.name}/{self.partition}: {reason}")
                )


def _retrieve(future: asyncio.Future[int]) -> None:
    """Mark an exception as seen, because not every caller waits for its batch."""
    if not future.cancelled():
        future.exception()
