"""Reads the worker's partition of ``workers.inbox`` from its end with explicit offsets: no group, no rebalance."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

from contracts.topics import INBOX_PARTITIONS
from services.worker.ports import Arrived
from toccata.runtime.fetch import Reader

TOPIC = "workers.inbox"
POLL_MS = 500


class KafkaInbox:
    """The worker's name determines the partition. Two workers may share one, because the key of a record names its worker."""

    def __init__(self, reader: Reader, worker_id: str) -> None:
        self._reader = reader
        digest = blake2b(worker_id.encode(), digest_size=8).digest()
        self.partition = int.from_bytes(digest, "big") % INBOX_PARTITIONS
        self._place = (TOPIC, self.partition)

    async def open(self) -> None:
        await self._reader.assign({self._place: "latest"})

    async def poll(self) -> Sequence[Arrived]:
        records = (await self._reader.poll(POLL_MS)).get(self._place, ())
        return [Arrived(self.partition, r.offset, r.key, r.value) for r in records]

    def take_gap(self) -> bool:
        return bool(self._reader.take_lost())

    async def close(self) -> None:
        await self._reader.stop()
