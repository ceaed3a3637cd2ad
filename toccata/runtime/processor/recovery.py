"""The shell of recovery: builds a partition from snapshot and journal. It refuses a log that lacks records."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from random import getrandbits

from toccata.runtime.errors import Damaged, Fenced
from toccata.runtime.fetch import Fetched, Start
from toccata.runtime.log import get_logger
from toccata.runtime.processor.input import Failing, Position
from toccata.runtime.processor.metrics import ProcessorMetrics
from toccata.runtime.processor.partition import Partition
from toccata.runtime.processor.ports import JournalWriter, LogReader, Ports
from toccata.runtime.processor.restore import is_manifest, restore
from toccata.runtime.processor.snapshot import Saved, Store
from toccata.runtime.processor.spec import ProcessorSpec
from toccata.runtime.settings import ProcessorSettings

log = get_logger()
_TRIES = 3
"""A live owner may truncate the journal between our reading of its snapshot and our epoch record. Then all is read again."""


@dataclass(slots=True)
class Recovered:
    partition: Partition
    saved: Saved | None
    """The snapshot that it was built from."""
    store: Store
    """It writes the next one."""
    read_through: int
    """Where the topic of snapshots ended when this one was read."""


class Recovery:
    """Recovers partitions of one processor."""

    def __init__(
        self,
        spec: ProcessorSpec,
        ports: Ports,
        journal: JournalWriter,
        metrics: ProcessorMetrics,
        settings: ProcessorSettings,
    ) -> None:
        self._spec = spec
        self._ports = ports
        self._journal = journal
        self._metrics = metrics
        self._accepted = settings.accepted()
        self._write_version = settings.write_version
        self._nonce = getrandbits(62)

    async def recover(self, number: int, failing: dict[Position, Failing]) -> Recovered:
        """Rebuild the partition from its log, and own it in a new epoch. Raise Transient, or Damaged if records are missing."""
        began = self._ports.clock.monotonic()
        reader = self._ports.log.reader(f"recovery-{number}")
        try:
            recovered = await self._owned(reader, number, failing)
            if recovered.partition.damage:
                await self._go_on(reader, recovered.partition)
        finally:
            await reader.stop()
        seconds = self._ports.clock.monotonic() - began
        self._metrics.recovered(self._spec.name, number, seconds)
        log.info(
            "partition_recovered",
            processor=self._spec.name,
            partition=number,
            epoch=recovered.partition.epoch,
            seq=recovered.partition.seq,
            seconds=round(seconds, 3),
        )
        return recovered

    async def _owned(self, reader: LogReader, number: int, failing: dict[Position, Failing]) -> Recovered:
        """Until our epoch record, the owner of before may complete a snapshot and remove cells of those before it. So read again
        if there is a newer one: what stands now stays, because that owner looks at the journal before it removes more."""
        left = _TRIES
        while True:
            try:
                recovered = await self._read(reader, number, failing)
                await self._begin_epoch(reader, recovered.partition)
            except Damaged:
                left -= 1
                if not left:
                    raise
                continue
            if not await self._is_outdated(reader, recovered):
                return recovered
            log.info("snapshot_outdated", processor=self._spec.name, partition=number)

    async def _is_outdated(self, reader: LogReader, recovered: Recovered) -> bool:
        at = (self._spec.snapshots, recovered.partition.number)
        newer = [
            fetched.key
            async for fetched in _read_all(reader, *at, recovered.read_through)
            if fetched.key is not None and fetched.value is not None and is_manifest(fetched.key)
        ]
        return bool(newer)

    async def _read(self, reader: LogReader, number: int, failing: dict[Position, Failing]) -> Recovered:
        partition = Partition(
            self._spec.name, number, self._spec.machine(number), self._spec.sources, failing
        )
        partition.accepted = self._accepted.get(f"{self._spec.name}/{number}", frozenset())
        with _no_collection():
            recovered = await self._load_snapshot(reader, partition)
            await self._replay(reader, partition)
        return recovered

    async def _load_snapshot(self, reader: LogReader, partition: Partition) -> Recovered:
        records: dict[bytes, bytes] = {}
        async for fetched in _read_all(reader, self._spec.snapshots, partition.number, "earliest"):
            if fetched.key is None:
                continue
            if fetched.value is None:
                records.pop(fetched.key, None)
            else:
                records[fetched.key] = fetched.value
        read_through = reader.position(self._spec.snapshots, partition.number)
        try:
            return Recovered(partition, *restore(partition, records, self._write_version), read_through)
        except Exception as error:  # whatever is wrong with it, nothing may be decided without it
            what = f"its snapshot cannot be read: {error!r}"
            raise Damaged(self._spec.name, partition.number, partition.next_offset, what) from error

    async def _replay(self, reader: LogReader, partition: Partition, at_least: int = 0) -> None:
        at = (self._spec.journal, partition.number)
        begin = (await reader.beginning_offsets([at]))[at]
        end = max((await reader.end_offsets([at]))[at], at_least)
        start = partition.survey(begin, end)
        async for fetched in _read_all(reader, *at, start, end):
            partition.replay(fetched.offset, fetched.value)
        for lost, first, then in reader.take_lost():
            if lost != at:
                continue
            what = f"its journal lost the records from offset {first} to {then} while it was read"
            raise Damaged(self._spec.name, partition.number, first, what)
        partition.next_offset = reader.position(*at)

    async def _begin_epoch(self, reader: LogReader, partition: Partition) -> None:
        while True:
            expected, record = partition.begin(self._nonce, self._ports.clock.now_ms())
            ((offset, _),) = await self._journal.append(self._spec.journal, partition.number, [record])
            try:
                partition.began(offset)
            except Fenced:
                log.info(
                    "epoch_contested",
                    processor=self._spec.name,
                    partition=partition.number,
                    at=offset,
                    expected=expected,
                )
                await self._replay(reader, partition, at_least=offset + 1)
            else:
                return

    async def _go_on(self, reader: LogReader, partition: Partition) -> None:
        """After an accepted loss: where nothing says which inputs were decided, skip those that are there. Deciding them twice
        would be worse."""
        topics = {index: source.topic for index, source in enumerate(self._spec.sources)}
        unknown = {
            (topic, partition.number): i for i, topic in topics.items() if i not in partition.processed
        }
        for at, end in (await reader.end_offsets(list(unknown))).items():
            partition.processed[unknown[at]] = end - 1
        partition.leave_gap()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Pause garbage collection. Loaded state is all alive, so collections are quadratic (100,000 executions: 3.2 s, 0.7 s without)."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


async def _read_all(
    reader: LogReader, topic: str, partition: int, start: Start, at_least: int = 0
) -> AsyncIterator[Fetched]:
    """Yield all records from ``start`` to the present end, and at least to ``at_least``."""
    await reader.assign({(topic, partition): start})
    end = max((await reader.end_offsets([(topic, partition)]))[topic, partition], at_least)
    while reader.position(topic, partition) < end:
        for records in (await reader.poll(200)).values():
            for fetched in records:
                yield fetched
