"""The shell of a processor: reads inputs, lets partitions decide, appends, sends owed records, has snapshots taken."""

from __future__ import annotations

import asyncio
import random
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from toccata.runtime.errors import Damaged, Fatal, Fenced, Transient
from toccata.runtime.fetch import Fetched
from toccata.runtime.log import get_logger
from toccata.runtime.processor.input import Failing, Offered, Position
from toccata.runtime.processor.lane import Backlog, Lane, take
from toccata.runtime.processor.metrics import ProcessorMetrics
from toccata.runtime.processor.owed import OwedSender
from toccata.runtime.processor.partition import Partition
from toccata.runtime.processor.ports import Ports
from toccata.runtime.processor.recovery import Recovery
from toccata.runtime.processor.saver import Saver
from toccata.runtime.processor.spec import ProcessorSpec
from toccata.runtime.settings import ProcessorSettings
from toccata.runtime.suspicion import ADVICE

log = get_logger()

BATCH = 500
_POLL_MS = 60_000
"""A new assignment ends a poll sooner."""
_GATE_RETRY_SECONDS = 0.02
_BACK_OFF_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
_STOPPED_RETRY_SECONDS = 60.0
"""How often a partition whose log is damaged is tried again, because somebody may have brought the log back."""
_MAX_TROUBLE_PER_MINUTE = 1_000
"""The limit on trouble in one processor: raised transitions, and dead letters from topics that only our services write. Past it
the process stops, rather than emptying a topic. Records that outsiders write do not count, so outsiders cannot stop us."""


@dataclass(frozen=True, slots=True)
class _Buried:
    all: int
    own: int
    set_aside: int

    @staticmethod
    def of(partition: Partition) -> _Buried:
        return _Buried(partition.buried, partition.buried_own, partition.set_aside)


class ProcessorHost:
    """Runs the partitions that are assigned to this process. There is one instance for each processor."""

    def __init__(
        self,
        spec: ProcessorSpec,
        ports: Ports,
        metrics: ProcessorMetrics,
        settings: ProcessorSettings,
    ) -> None:
        self._spec = spec
        self._ports = ports
        self._settings = settings
        self._journal = ports.log.journal(f"{spec.name}-journal")
        self._metrics = metrics
        self._readers = [ports.log.reader(f"{spec.name}-{source.topic}") for source in spec.sources]
        self._lanes: dict[int, Lane] = {}
        self._wanted: asyncio.Queue[frozenset[int]] = asyncio.Queue()
        self._owned: frozenset[int] | None = None
        self._changed = [asyncio.Event() for _ in spec.sources]
        """The partitions to read of this source are others than before."""
        self._recovery = Recovery(spec, ports, self._journal, metrics, settings)
        self._trouble: deque[float] = deque()
        self._group: asyncio.TaskGroup | None = None
        metrics.watch(spec.name, lambda: len(self.partitions()), self._owing, self.lag)
        metrics.watch_stopped(spec.name, self.stopped)

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

    def stopped(self) -> dict[int, str]:
        """Return by partition why it cannot be recovered."""
        return {number: lane.stopped for number, lane in self._lanes.items() if lane.stopped}

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
        """After ``run`` was cancelled: send owed records, record the mark, take snapshots, disconnect."""
        await asyncio.gather(*(self._leave(number, lane) for number, lane in self._lanes.items()))
        for reader in self._readers:
            await reader.stop()
        await self._journal.stop()

    async def _leave(self, number: int, lane: Lane) -> None:
        partition, saver = lane.partition, lane.saver
        if partition is None or saver is None or partition.in_flight:
            return  # an append was cancelled, and the next owner recovers it
        with suppress(Transient, Fenced):
            await OwedSender(self._ports.outbox).send(partition)
            ((offset, _),) = await self._journal.append(self._spec.journal, number, [partition.mark_record()])
            partition.signed(offset)
            if saver.unsaved > 0:
                await saver.save()

    async def _reassign(self, wanted: frozenset[int]) -> None:
        assert self._group is not None
        for number in [n for n in self._lanes if n not in wanted]:
            lane = self._lanes.pop(number)
            if lane.task is not None:
                lane.task.cancel()
                with suppress(asyncio.CancelledError):
                    await lane.task
        for number in sorted(wanted - self._lanes.keys()):
            lane = Lane([Backlog() for _ in self._spec.sources])
            self._lanes[number] = lane
            lane.task = self._group.create_task(self._own(number, lane))
        log.info("partitions_assigned", processor=self._spec.name, partitions=sorted(wanted))

    async def _own(self, number: int, lane: Lane) -> None:
        """Recover and decide, repeatedly, until cancelled."""
        failing: dict[Position, Failing] = {}
        failures = 0
        while True:
            pause = _BACK_OFF_SECONDS[min(failures, len(_BACK_OFF_SECONDS) - 1)]
            try:
                await self._recover(number, lane, failing)
                failures, pause = 0, _BACK_OFF_SECONDS[0]
                await self._decide(lane)
            except Damaged as error:
                self._stopped(number, lane, error)
                pause = _STOPPED_RETRY_SECONDS
            except (Transient, Fenced) as error:
                log.warning(
                    "partition_stepped_down", processor=self._spec.name, partition=number, reason=str(error)
                )
            lane.close()
            self._resubscribe()
            failures += 1
            await asyncio.sleep(pause * (0.5 + random.random()))  # noqa: S311 - jitter

    async def _recover(self, number: int, lane: Lane, failing: dict[Position, Failing]) -> None:
        recovered = await self._recovery.recover(number, failing)
        partition = recovered.partition
        saver = Saver(self._spec, self._ports, self._metrics, self._settings, recovered)
        if partition.damage:
            log.error(
                "loss_accepted", processor=self._spec.name, partition=number, damage=partition.damage[:20]
            )
            await saver.save()
        if partition.suspicion.careful:
            log.warning("partition_careful", **self._where(partition))
        lane.open(partition, saver)
        self._resubscribe()

    def _stopped(self, number: int, lane: Lane, error: Damaged) -> None:
        if lane.stopped != str(error):
            log.error(
                "partition_stopped",
                processor=self._spec.name,
                partition=number,
                reason=str(error),
                advice="Bring the topic's records back from a backup. To go on with what is left, set"
                f" TOCCATA_PROCESSOR_ACCEPT_LOSS={error.partition}@{error.offset} and restart.",
            )
        lane.stopped = str(error)

    def _resubscribe(self) -> None:
        for index in range(len(self._changed)):
            self._change(index)

    def _change(self, index: int) -> None:
        """Let the pump assign anew."""
        self._changed[index].set()
        self._readers[index].wake()

    async def _pump(self, index: int) -> None:
        """Read one input topic for all owned partitions. A partition with many undecided records is left out meanwhile."""
        reader, topic, changed = self._readers[index], self._spec.sources[index].topic, self._changed[index]
        read: dict[int, Partition] = {}
        failures = 0
        while True:
            try:
                if changed.is_set():
                    changed.clear()
                    read = self._readable(index)
                    await reader.assign({(topic, n): self._lanes[n].starts[index] for n in read})
                if not reader.positions():
                    await changed.wait()
                    continue
                fetched = await reader.poll(_POLL_MS)
                failures = 0
            except Transient as error:
                if failures == 0:
                    log.warning("input_unreachable", topic=topic, reason=str(error))
                pause = _BACK_OFF_SECONDS[min(failures, len(_BACK_OFF_SECONDS) - 1)]
                failures += 1
                changed.set()
                await asyncio.sleep(pause)
                continue
            self._note_lost(index, reader.take_lost(), read)
            self._take_in(index, fetched, read)

    def _readable(self, index: int) -> dict[int, Partition]:
        return {
            number: lane.partition
            for number, lane in self._lanes.items()
            if lane.partition is not None and not lane.pause(index)
        }

    def _take_in(
        self, index: int, fetched: dict[tuple[str, int], list[Fetched]], read: dict[int, Partition]
    ) -> None:
        for (_, number), records in fetched.items():
            lane = self._lanes.get(number)
            # It may have been rebuilt during the poll. Then it begins elsewhere.
            if lane is not None and lane.partition is not None and lane.partition is read.get(number):
                lane.add(index, records)
                if lane.queues[index].full:
                    self._change(index)

    def _note_lost(
        self, index: int, lost: list[tuple[tuple[str, int], int, int]], read: dict[int, Partition]
    ) -> None:
        for (topic, number), first, then in lost:
            lane = self._lanes.get(number)
            if lane is None or lane.partition is None or lane.partition is not read.get(number):
                continue
            self._metrics.input_lost(self._spec.name, topic)
            if then < first:
                # Its old offsets mean nothing any more. Without this, new records would pass for decided ones.
                log.error("input_began_anew", topic=topic, partition=number, expected=first, end=then)
                lane.begin_anew(index, topic, number)
                self._change(index)
            else:
                log.error("inputs_lost", topic=topic, partition=number, first=first, then=then)

    def _take(self, partition: Partition, lane: Lane, most: int) -> tuple[list[Offered], bool]:
        """Take so many inputs. Also return whether a gate holds some back."""
        taken, held = take(partition.sources, lane.queues, most)
        for index in range(len(lane.queues)):
            if lane.resumes(index):
                self._change(index)
        return taken, held

    async def _decide(self, lane: Lane) -> None:
        partition, saver = lane.partition, lane.saver
        assert partition is not None
        assert saver is not None
        assert self._group is not None
        owed = asyncio.Event()
        owed.set()
        sender = self._group.create_task(self._keep_sending(partition, lane, owed))
        try:
            while True:
                lane.wake.clear()
                held = await self._decide_batch(partition, lane, owed)
                if saver.due_in() == 0:
                    await saver.begin(partial(self._journal_end, partition.number))
                if partition.overdrawn or held or not (any(lane.queues) or partition.waiting):
                    await self._wait(lane, held=held)
        finally:
            sender.cancel()
            await saver.stop()

    async def _journal_end(self, number: int) -> int:
        at = (self._spec.journal, number)
        return (await self._readers[0].end_offsets([at]))[at]

    async def _decide_batch(self, partition: Partition, lane: Lane, owed: asyncio.Event) -> bool:
        """Decide what there is, append it, and let it be sent. Return whether a gate holds inputs back."""
        if partition.overdrawn:
            return False
        careful = partition.suspicion.careful > 0
        offered, held = (
            ([], False) if partition.waiting else self._take(partition, lane, 1 if careful else BATCH)
        )
        now, monotonic = self._ports.clock.now_ms(), self._ports.clock.monotonic
        before = _Buried.of(partition)
        began = monotonic()
        if careful:
            values = await self._decide_one(partition, offered, now)
        else:
            due = partition.next_due()
            if not offered and not partition.waiting and (due is None or due > now):
                return held
            values = partition.decide(offered, now)
        decided = monotonic()
        self._report_buried(partition, before)
        if values:
            await self._commit(partition, values)
            if partition.owed:
                owed.set()
        self._metrics.decided(self._spec.name, len(offered), decided - began, monotonic() - decided)
        self._check_raised(partition)
        return held

    async def _decide_one(self, partition: Partition, offered: list[Offered], now: int) -> list[bytes]:
        """In careful mode: announce one input in the journal, then decide it."""
        position = partition.next_up(offered, now)
        if position is None:
            return []
        await self._sign(partition, partition.announcement(position))
        values = partition.decide_one(position)
        if partition.suspicion.step():
            log.info("partition_careful_no_more", **self._where(partition))
        return values

    async def _sign(self, partition: Partition, value: bytes) -> None:
        """Append a record that decides nothing."""
        ((offset, _),) = await self._journal.append(self._spec.journal, partition.number, [value])
        partition.signed(offset)

    async def _commit(self, partition: Partition, values: list[bytes]) -> None:
        acks = await self._journal.append(self._spec.journal, partition.number, values)
        expected = partition.next_offset
        for base, count in acks:
            if base != expected:
                where = f"{self._spec.name}/{partition.number}"
                raise Fenced(f"{where}: the batch landed at offset {base}, expected {expected}")
            expected += count
        partition.committed(acks[0][0])

    def _report_buried(self, partition: Partition, before: _Buried) -> None:
        count = partition.buried - before.all
        if not count:
            return
        log.error("records_buried", **self._where(partition), count=count, reason=partition.buried_reason)
        self._metrics.buried(self._spec.name, count)
        set_aside = partition.set_aside - before.set_aside
        if set_aside:
            self._metrics.set_aside(self._spec.name, set_aside)
            log.error(
                "input_set_aside",
                **self._where(partition),
                reason=partition.buried_reason,
                advice=ADVICE,
            )
        self._note_trouble(partition.buried_own - before.own - set_aside)

    def _check_raised(self, partition: Partition) -> None:
        raised = partition.raised
        if raised is None:
            return
        partition.failing[raised.input] = raised.failing
        self._note_trouble(int(not partition.is_foreign(raised.input)))
        log.error("transition_raised", **self._where(partition), trace=raised.trace)
        raise Fenced(f"{self._spec.name}/{partition.number}: rebuilding after a transition raised")

    def _where(self, partition: Partition) -> dict[str, object]:
        return {"processor": self._spec.name, "partition": partition.number}

    async def _wait(self, lane: Lane, *, held: bool) -> None:
        """Wait for an input, a timer, the next snapshot, or for owed records to be sent."""
        partition, saver = lane.partition, lane.saver
        assert partition is not None
        assert saver is not None
        waits = [saver.due_in(), _GATE_RETRY_SECONDS if held else None]
        due = partition.next_due()
        if due is not None and not partition.overdrawn:
            waits.append(max(0.0, (due - self._ports.clock.now_ms()) / 1000))
        timeout = min((wait for wait in waits if wait is not None), default=None)
        if timeout is None or timeout > 0:
            with suppress(TimeoutError):
                async with asyncio.timeout(timeout):
                    await lane.wake.wait()

    def _note_trouble(self, count: int) -> None:
        now = self._ports.clock.monotonic()
        self._trouble.extend([now] * count)
        while self._trouble and self._trouble[0] < now - 60:
            self._trouble.popleft()
        if len(self._trouble) > _MAX_TROUBLE_PER_MINUTE:
            raise Fatal(
                f"{self._spec.name}: more than {_MAX_TROUBLE_PER_MINUTE} dead letters and raised transitions in a minute"
            )

    async def _keep_sending(self, partition: Partition, lane: Lane, owed: asyncio.Event) -> None:
        failures, sender = 0, OwedSender(self._ports.outbox, lane.wake.set)
        while True:
            await owed.wait()
            owed.clear()
            try:
                await sender.send(partition)
                failures = 0
            except Transient as error:
                # What was not acknowledged is sent again in order. Receivers drop the records they have seen.
                if failures == 0:
                    log.warning("outbox_unreachable", processor=self._spec.name, reason=str(error))
                await asyncio.sleep(_BACK_OFF_SECONDS[min(failures, len(_BACK_OFF_SECONDS) - 1)])
                failures += 1
                owed.set()
