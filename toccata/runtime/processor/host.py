"""The shell of a processor: reads inputs, lets partitions decide, appends, sends owed records, takes snapshots."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from toccata.runtime.clock import monotonic, now_ms
from toccata.runtime.errors import Fatal, Fenced, Transient
from toccata.runtime.fetch import Fetched, Reader
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.log import get_logger
from toccata.runtime.processor import snapshot
from toccata.runtime.processor.metrics import ProcessorMetrics
from toccata.runtime.processor.partition import Failing, Offered, Partition, Position, Source
from toccata.runtime.processor.recovery import ProcessorSpec, Recovery
from toccata.runtime.settings import KafkaSettings

log = get_logger()

BATCH = 500
_BATCH_BYTES = 8 * 1024 * 1024
_BACKLOG_RECORDS = 4_000
_BACKLOG_BYTES = 16 * 1024 * 1024
_SNAPSHOT_RECORDS = 100_000
_SNAPSHOT_SECONDS = 60.0
_GATE_RETRY_SECONDS = 0.02
_BACK_OFF_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
_MAX_TROUBLE_PER_MINUTE = 1_000
"""The limit on trouble in one processor: raised transitions, and dead letters from topics that only our services write. Past it
the process stops, rather than emptying a topic. Records that outsiders write do not count, so outsiders cannot stop us."""


class _Backlog:
    """Records of one input topic that were read ahead, in order."""

    __slots__ = ("_bytes", "_records")

    def __init__(self) -> None:
        self._records: deque[Fetched] = deque()
        self._bytes = 0

    def __len__(self) -> int:
        return len(self._records)

    @property
    def full(self) -> bool:
        return len(self._records) > _BACKLOG_RECORDS or self._bytes > _BACKLOG_BYTES

    @property
    def first(self) -> Fetched:
        return self._records[0]

    @property
    def last(self) -> Fetched:
        return self._records[-1]

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


@dataclass(slots=True)
class _Lane:
    """The inputs of one partition that were read ahead."""

    queues: list[_Backlog]
    wake: asyncio.Event = field(default_factory=asyncio.Event)
    task: asyncio.Task[None] | None = None
    partition: Partition | None = None


class ProcessorHost:
    """Runs the partitions that are assigned to this process. There is one instance for each processor."""

    def __init__(
        self,
        spec: ProcessorSpec,
        settings: KafkaSettings,
        outbox: Producer,
        metrics: ProcessorMetrics,
        client_id: str,
    ) -> None:
        self._spec = spec
        self._settings = settings
        self._client_id = f"{client_id}-{spec.name}"
        self._journal = Producer(settings, f"{self._client_id}-journal", deadline_seconds=10.0)
        self._outbox = outbox
        self._metrics = metrics
        self._readers = [Reader(settings, f"{self._client_id}-{source.topic}") for source in spec.sources]
        self._lanes: dict[int, _Lane] = {}
        self._wanted: asyncio.Queue[frozenset[int]] = asyncio.Queue()
        self._owned: frozenset[int] | None = None
        self._changed = [asyncio.Event() for _ in spec.sources]
        self._drained = [asyncio.Event() for _ in spec.sources]
        self._generation = 0
        self._generations: dict[int, int] = {}
        """The generation of our last snapshot, by partition."""
        self._recovery = Recovery(spec, settings, self._journal, metrics, self._client_id)
        self._trouble: deque[float] = deque()
        self._group: asyncio.TaskGroup | None = None
        metrics.watch(spec.name, lambda: len(self.partitions()), self._owing, self.lag)

    def assign(self, partitions: frozenset[int] | None) -> None:
        """Own exactly these partitions from now on. None: not a member any more. Membership calls this in the event loop."""
        self._owned = partitions
        self._wanted.put_nowait(partitions or frozenset())

    @property
    def ready(self) -> bool:
        """True for a member whose partitions have all recovered and decide. An extra replica may have no partition."""
        return self._lanes.keys() == self._owned and len(self.partitions()) == len(self._lanes)

    def partitions(self) -> dict[int, Partition]:
        return {number: lane.partition for number, lane in self._lanes.items() if lane.partition is not None}

    def lag(self) -> dict[str, int]:
        """Return by topic how many records are not decided yet. Those read ahead count too."""
        found = {}
        for index, (reader, source) in enumerate(zip(self._readers, self._spec.sources, strict=True)):
            ahead = sum(len(lane.queues[index]) for lane in self._lanes.values())
            found[source.topic] = reader.lag().get(source.topic, 0) + ahead
        return found

    def _owing(self) -> int:
        return sum(partition.owed for partition in self.partitions().values())

    def nudge(self) -> None:
        """Wake all partitions, because a gate's condition has changed."""
        for lane in self._lanes.values():
            lane.wake.set()

    async def run(self) -> None:
        """Run until cancelled. Raise Fatal if going on would make things worse."""
        async with asyncio.TaskGroup() as group:
            self._group = group
            for index in range(len(self._readers)):
                group.create_task(self._pump(index))
            while True:
                await self._reassign(await self._wanted.get())

    async def stop(self) -> None:
        """After ``run`` was cancelled: send owed records, record the mark, disconnect."""
        for number, lane in self._lanes.items():
            partition = lane.partition
            if partition is None:
                continue
            with suppress(Transient, Fenced):
                if not partition._in_flight:  # noqa: SLF001 - an append was cancelled, and the next owner recovers it
                    await self._send_owed(partition)
                    await self._journal.append(self._spec.journal, number, [partition.mark_record()])
        for reader in self._readers:
            await reader.stop()
        await self._journal.stop()

    async def _reassign(self, wanted: frozenset[int]) -> None:
        assert self._group is not None
        for number in [n for n in self._lanes if n not in wanted]:
            lane = self._lanes.pop(number)
            if lane.task is not None:
                lane.task.cancel()
                with suppress(asyncio.CancelledError):
                    await lane.task
        for number in sorted(wanted - self._lanes.keys()):
            lane = _Lane([_Backlog() for _ in self._spec.sources])
            self._lanes[number] = lane
            lane.task = self._group.create_task(self._own(number, lane))
        log.info("partitions_assigned", processor=self._spec.name, partitions=sorted(wanted))

    async def _own(self, number: int, lane: _Lane) -> None:
        """Recover and decide, repeatedly, until cancelled."""
        failing: dict[Position, Failing] = {}
        failures = 0
        while True:
            try:
                partition = await self._recovery.recover(number, failing)
                self._generations[number] = 0
                lane.partition = partition
                for queue in lane.queues:
                    queue.clear()
                self._resubscribe()
                failures = 0
                await self._decide(partition, lane)
            except (Transient, Fenced) as error:
                log.warning(
                    "partition_stepped_down", processor=self._spec.name, partition=number, reason=str(error)
                )
            lane.partition = None
            self._resubscribe()
            pause = _BACK_OFF_SECONDS[min(failures, len(_BACK_OFF_SECONDS) - 1)]
            failures += 1
            await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311 - jitter

    def _resubscribe(self) -> None:
        self._generation += 1
        for event in self._changed:
            event.set()
        for event in self._drained:
            event.set()

    async def _pump(self, index: int) -> None:
        """Read one input topic for all owned partitions. Read ahead by a bounded number of records."""
        reader, topic = self._readers[index], self._spec.sources[index].topic
        generation = -1
        failures = 0
        while True:
            try:
                if generation != self._generation:
                    generation = self._generation
                    self._changed[index].clear()
                    await reader.assign(self._starts(index, topic))
                if not reader.positions():
                    await self._changed[index].wait()
                    continue
                fetched = await reader.poll(500)
                failures = 0
            except Transient as error:
                if failures == 0:
                    log.warning("input_unreachable", topic=topic, reason=str(error))
                pause = _BACK_OFF_SECONDS[min(failures, len(_BACK_OFF_SECONDS) - 1)]
                failures += 1
                generation = -1
                await asyncio.sleep(pause)
                continue
            if generation == self._generation:
                await self._offer(index, fetched)

    def _starts(self, index: int, topic: str) -> dict[tuple[str, int], Any]:
        starts: dict[tuple[str, int], Any] = {}
        for number, lane in self._lanes.items():
            partition = lane.partition
            if partition is None:
                continue
            queue = lane.queues[index]
            if queue:
                starts[topic, number] = queue.last.offset + 1
            elif index in partition.processed:
                starts[topic, number] = partition.processed[index] + 1
            else:
                starts[topic, number] = "earliest"
        return starts

    async def _offer(self, index: int, fetched: dict[tuple[str, int], list[Fetched]]) -> None:
        full = False
        for (_, number), records in fetched.items():
            lane = self._lanes.get(number)
            if lane is not None and lane.partition is not None:
                lane.queues[index].extend(records)
                lane.wake.set()
                full = full or lane.queues[index].full
        while full:
            self._drained[index].clear()
            await self._drained[index].wait()
            full = any(lane.queues[index].full for lane in self._lanes.values())

    def _take(self, partition: Partition, lane: _Lane) -> tuple[list[Offered], bool]:
        """Take up to BATCH inputs, from earlier sources first. Also return whether a gate holds some back."""
        taken: list[Offered] = []
        held, size = False, 0
        for index, (source, queue) in enumerate(zip(partition.sources, lane.queues, strict=True)):
            while queue and len(taken) < BATCH and size < _BATCH_BYTES:
                first = queue.first
                if source.ready is not None and not self._is_ready(source, first):
                    held = True
                    break
                queue.pop()
                size += len(first.value or b"")
                taken.append(Offered(index, first.offset, first.key, first.value))
            if not queue.full:
                self._drained[index].set()
        return taken, held

    def _is_ready(self, source: Source, fetched: Fetched) -> bool:
        from contracts.codec import UnreadableMessage

        assert source.ready is not None
        try:
            return source.ready(source.codec.decode(fetched.value))
        except UnreadableMessage:
            return True

    async def _decide(self, partition: Partition, lane: _Lane) -> None:
        snapshot_at, snapshot_seq = monotonic(), partition.seq
        owed = asyncio.Event()
        owed.set()
        assert self._group is not None
        sender = self._group.create_task(self._keep_sending(partition, owed))
        try:
            while True:
                lane.wake.clear()
                held = await self._decide_batch(partition, lane, owed)
                if self._snapshot_due(partition, snapshot_at, snapshot_seq) and not partition.owes:
                    await self._take_snapshot(partition)
                    snapshot_at, snapshot_seq = monotonic(), partition.seq
                if not any(lane.queues) or held:
                    await self._wait(partition, lane, held=held)
        finally:
            sender.cancel()

    async def _decide_batch(self, partition: Partition, lane: _Lane, owed: asyncio.Event) -> bool:
        offered, held = self._take(partition, lane)
        now = now_ms()
        due = partition.next_due()
        if not offered and (due is None or due > now):
            return held
        buried, own = partition.buried, partition.buried_own
        began = monotonic()
        values = partition.decide(offered, now)
        decided = monotonic()
        if partition.buried != buried:
            log.error(
                "records_buried",
                processor=self._spec.name,
                partition=partition.number,
                count=partition.buried - buried,
                reason=partition.buried_reason,
            )
            self._note_trouble(partition.buried_own - own)
            self._metrics.buried(self._spec.name, partition.buried - buried)
        if values:
            acks = await self._journal.append(self._spec.journal, partition.number, values)
            for position, (base, _count) in enumerate(acks):
                expected = partition.next_offset + sum(count for _, count in acks[:position])
                if base != expected:
                    raise Fenced(
                        f"{self._spec.name}/{partition.number}: the batch landed at offset {base}, expected {expected}"
                    )
            partition.committed(acks[0][0])
            if partition.owes:
                owed.set()
        self._metrics.decided(self._spec.name, len(offered), decided - began, monotonic() - decided)
        if partition.raised is not None:
            raised = partition.raised
            partition.failing[raised.input] = raised.failing
            self._note_trouble(1)
            log.error(
                "transition_raised", processor=self._spec.name, partition=partition.number, trace=raised.trace
            )
            raise Fenced(f"{self._spec.name}/{partition.number}: rebuilding after a transition raised")
        return held

    async def _wait(self, partition: Partition, lane: _Lane, *, held: bool) -> None:
        due = partition.next_due()
        timeout = None if due is None else max(0.0, (due - now_ms()) / 1000)
        if held:
            timeout = min(_GATE_RETRY_SECONDS, timeout if timeout is not None else _GATE_RETRY_SECONDS)
        else:
            timeout = min(timeout, _SNAPSHOT_SECONDS) if timeout is not None else _SNAPSHOT_SECONDS
        if timeout > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await lane.wake.wait()

    def _note_trouble(self, count: int) -> None:
        now = monotonic()
        self._trouble.extend([now] * count)
        while self._trouble and self._trouble[0] < now - 60:
            self._trouble.popleft()
        if len(self._trouble) > _MAX_TROUBLE_PER_MINUTE:
            raise Fatal(
                f"{self._spec.name}: more than {_MAX_TROUBLE_PER_MINUTE} dead letters and raised transitions in a minute"
            )

    async def _keep_sending(self, partition: Partition, owed: asyncio.Event) -> None:
        failures = 0
        while True:
            await owed.wait()
            owed.clear()
            try:
                await self._send_owed(partition)
                failures = 0
            except Transient as error:
                # Everything is sent again in order. Receivers drop the records they have seen.
                if failures == 0:
                    log.warning("outbox_unreachable", processor=self._spec.name, reason=str(error))
                await asyncio.sleep(_BACK_OFF_SECONDS[min(failures, len(_BACK_OFF_SECONDS) - 1)])
                failures += 1
                owed.set()

    async def _send_owed(self, partition: Partition) -> None:
        while partition.owes:
            through, sendables = partition.unsent()
            done = None
            for item in sendables:
                done = self._outbox.post(
                    item.topic, Record(item.key, item.value, item.headers, item.partition)
                )
            if done is not None:
                await asyncio.shield(done)
            partition.sent(through)

    def _snapshot_due(self, partition: Partition, since: float, since_seq: int) -> bool:
        records = partition.seq - since_seq
        return records >= _SNAPSHOT_RECORDS or (records > 0 and monotonic() - since >= _SNAPSHOT_SECONDS)

    async def _take_snapshot(self, partition: Partition) -> None:
        began = monotonic()
        generation = self._generations[partition.number] + 1
        try:
            records = snapshot.build(partition.number, generation, partition.dump(), partition.machine.dump())
        except Exception as error:
            # Nothing is lost, because the journal holds everything within its retention.
            log.error(
                "snapshot_failed", processor=self._spec.name, partition=partition.number, exc_info=error
            )
            return
        blocked = monotonic() - began
        for key, value in records:
            # One after the other, because the manifest must not be durable before its parts.
            await self._outbox.send(self._spec.snapshots, [Record(key, value, partition=partition.number)])
        self._generations[partition.number] = generation
        old = snapshot.outdated(self._recovery.snapshot_keys.pop(partition.number, []), partition.epoch)
        await self._outbox.send(
            self._spec.snapshots, [Record(key, None, partition=partition.number) for key in old]
        )
        size = sum(len(value) for _, value in records)
        self._metrics.snapshot(self._spec.name, partition.number, size, blocked)
