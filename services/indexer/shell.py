"""The loop: poll and decode while the previous transaction runs; load, fold, and write rows with their offsets.

One session lasts as long as both servers answer. After an outage the next session begins at the stored offsets.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from random import getrandbits, uniform

from services.indexer.batch import PARTITIONS, Decoder, Item, next_offsets, place_of
from services.indexer.core.change import Changes, Known
from services.indexer.core.memory import Memory
from services.indexer.core.project import project, wanted, wanted_task_runs
from services.indexer.metrics import IndexerMetrics
from services.indexer.ports import DeadLetters, EventLog, Progress, Projection, Unprojectable
from toccata.runtime.clock import monotonic, now_ms
from toccata.runtime.errors import Fatal, Transient
from toccata.runtime.fetch import Fetched, TopicPartition
from toccata.runtime.log import get_logger
from toccata.runtime.suspicion import ADVICE, Suspicion

log = get_logger()

MOST_RECORDS = 5_000
"""The limit for one transaction. As many records may wait for the next one."""
LINGER_SECONDS = 0.03
"""After a record, wait for more of them, so that transactions are few and full: an execution writes about ten within some moments."""
MOST_LINGER_SECONDS = 0.06
"""While more keep coming, the wait goes on so long."""
FULL_RECORDS = 500
"""As many do not wait at all."""
CAREFUL_RECORDS = 2 * MOST_RECORDS
"""How long an indexer is careful after others died: twice a batch, because the fatal record is in the batch that was never stored."""
POLL_MS = 500
COLLECT_MS = 5
PROGRESS_SECONDS = 1.0
IDLE_PROGRESS_SECONDS = 10.0
MOST_DEAD_PER_MINUTE = 1_000
_BACK_OFF_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)


@dataclass(frozen=True, slots=True)
class Ports:
    open_projection: Callable[[], Awaitable[Projection]]
    """Returns once this process is the writer."""
    events: EventLog
    dead: DeadLetters
    progress: Progress
    ends: EventLog
    """A second connection, so that asking for the topics' ends does not wait for a poll."""


class Indexer:
    def __init__(self, ports: Ports, metrics: IndexerMetrics) -> None:
        self._ports = ports
        self._metrics = metrics
        self._decoder = Decoder()
        self._memory = Memory()
        self._process = getrandbits(62)
        self._suspicion = Suspicion(CAREFUL_RECORDS)
        self._signed = ""
        """The signs that the database has."""
        self._unread: deque[Fetched] = deque()
        """While the indexer is careful: records that nobody has decoded. They come before those that wait."""
        self._waiting: deque[Item] = deque()
        self._filled = asyncio.Event()
        self._drained = asyncio.Event()
        self._positions: dict[TopicPartition, int] = {}
        self._deaths: deque[float] = deque()
        self._stored = asyncio.Condition()
        self._news = asyncio.Event()
        self.up = False
        """True if both servers answer, or if another indexer writes."""

    async def run(self, stop: asyncio.Event) -> None:
        """Run until ``stop``. Records read by then are written."""
        failures = 0
        while not stop.is_set():
            began = monotonic()
            try:
                await self._session(stop)
            except* Transient as outage:
                self.up = False
                if monotonic() - began > 60:
                    failures = 0
                pause = _BACK_OFF_SECONDS[min(failures, len(_BACK_OFF_SECONDS) - 1)] * uniform(0.7, 1.3)  # noqa: S311 - jitter
                failures += 1
                log.warning("indexer_waits", reason=str(outage.exceptions[0]), seconds=round(pause, 2))
                await _sleep_until(stop, pause)

    async def reached(self, goal: Mapping[TopicPartition, int]) -> None:
        """Return once every record before these offsets is projected."""
        async with self._stored:
            await self._stored.wait_for(
                lambda: all(self._positions.get(p, 0) >= at for p, at in goal.items())
            )

    async def _session(self, stop: asyncio.Event) -> None:
        projection = await _unless(stop, self._ports.open_projection())
        if projection is None:
            return
        try:
            self._memory = Memory()
            self._waiting.clear()
            self._unread.clear()
            self._drained.set()
            await self._take_over(projection)
            async with self._stored:
                self._positions = await projection.offsets()
                self._stored.notify_all()
            await self._ports.events.assign({p: self._positions.get(p, "earliest") for p in PARTITIONS})
            log.info("indexer_started", partitions=len(self._positions))
            self._metrics.active.set(1)
            self.up = True
            done = asyncio.Event()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._read(stop, done))
                group.create_task(self._tell_progress(done))
                await self._write(projection, done)
            self._suspicion.stopped()
            await self._sign(projection)
        finally:
            self._metrics.active.set(0)
            await projection.close()

    async def _take_over(self, projection: Projection) -> None:
        """Find out how former writers ended."""
        self._suspicion = Suspicion.of(await projection.signs(), CAREFUL_RECORDS)
        self._suspicion.begin(self._process, now_ms())
        await self._sign(projection)
        if self._suspicion.careful:
            log.warning("indexer_careful", records=self._suspicion.careful)

    async def _sign(self, projection: Projection) -> None:
        self._signed = self._suspicion.signs()
        await projection.sign(self._signed)

    async def _read(self, stop: asyncio.Event, done: asyncio.Event) -> None:
        try:
            while not stop.is_set():
                if await self._poll(POLL_MS):
                    await self._collect(stop)
                    self._filled.set()
                if len(self._waiting) + len(self._unread) >= MOST_RECORDS:
                    self._drained.clear()
                    await self._drained.wait()
        finally:
            done.set()
            self._filled.set()

    async def _collect(self, stop: asyncio.Event) -> None:
        """Read what comes within the linger."""
        until = monotonic() + MOST_LINGER_SECONDS
        while len(self._waiting) < FULL_RECORDS and monotonic() < until:
            await _sleep_until(stop, LINGER_SECONDS)
            if not await self._poll(COLLECT_MS):
                return

    async def _poll(self, timeout_ms: int) -> bool:
        """Read and decode. Return whether there was something."""
        polled = await self._ports.events.poll(timeout_ms)
        self._report_lost()
        for records in polled.values():
            if self._suspicion.careful or self._unread:
                self._unread.extend(records)
            else:
                self._waiting.extend(self._decoder.decode(records))
        return bool(polled)

    def _report_lost(self) -> None:
        for (topic, partition), first, end in self._ports.events.take_lost():
            self._metrics.lost.labels(topic).inc(max(0, end - first))
            log.error("records_lost_to_retention", topic=topic, partition=partition, first=first, next=end)

    async def _write(self, projection: Projection, done: asyncio.Event) -> None:
        while not (done.is_set() and not self._waiting and not self._unread):
            await self._filled.wait()
            self._filled.clear()
            while self._unread and self._suspicion.careful:
                self._drained.set()
                await self._store_carefully(projection, self._unread.popleft())
            self._waiting.extend(self._decoder.decode(self._unread))
            self._unread.clear()
            while self._waiting:
                items = [self._waiting.popleft() for _ in range(min(MOST_RECORDS, len(self._waiting)))]
                self._drained.set()
                await self._store(projection, items)

    async def _store_carefully(self, projection: Projection, record: Fetched) -> None:
        """Announce one record, then decode and store it, or set it aside if it killed too many processes."""
        place = place_of(record)
        self._suspicion.announced(place)
        await self._sign(projection)
        reason = self._suspicion.verdict(place)
        if reason:
            self._metrics.set_aside()
            log.error(
                "input_set_aside",
                topic=record.topic,
                partition=record.partition,
                offset=record.offset,
                reason=reason,
                advice=ADVICE,
            )
        items = [Item(record, None, reason)] if reason else self._decoder.decode([record])
        await self._store(projection, items)
        if self._suspicion.step():
            log.info("indexer_careful_no_more")

    async def _store(self, projection: Projection, items: Sequence[Item]) -> None:
        began = monotonic()
        unreadable = [(item.record, item.reason) for item in items if item.reason]
        if unreadable:
            await self._bury(unreadable)
        self._pass_over([item.record.topic for item in items if item.seen is None and not item.reason])
        await self._store_or_split(projection, items)
        async with self._stored:
            self._positions.update(next_offsets(items))
            self._stored.notify_all()
        self._news.set()
        self._check_deaths()
        oldest = min(item.record.timestamp_ms for item in items)
        self._metrics.availability.observe(max(0, now_ms() - oldest) / 1000)
        self._metrics.batch.observe(monotonic() - began)
        self._metrics.batch_records.observe(len(items))
        counts: dict[str, int] = {}
        for item in items:
            counts[item.record.topic] = counts.get(item.record.topic, 0) + 1
        for topic, count in counts.items():
            self._metrics.records.labels(topic).inc(count)

    def _pass_over(self, topics: Sequence[str]) -> None:
        """Count records of types that only a newer version knows. Rows of that version need a rebuild by it."""
        for topic in topics:
            self._metrics.unknown.labels(topic).inc()
        if topics:
            log.warning("unknown_types_passed_over", count=len(topics), topics=sorted(set(topics)))

    async def _store_or_split(self, projection: Projection, items: Sequence[Item]) -> None:
        """Find rows that the database refuses by halving the batch, and bury them."""
        try:
            await self._project(projection, items)
        except Unprojectable as refused:
            if len(items) > 1:
                middle = len(items) // 2
                await self._store_or_split(projection, items[:middle])
                await self._store_or_split(projection, items[middle:])
                return
            await self._bury([(items[0].record, f"no row can hold it: {refused}")])
            await self._commit(projection, Changes(), items)

    async def _project(self, projection: Projection, items: Sequence[Item]) -> None:
        batch = [item.seen for item in items if item.seen is not None]
        known = Known()
        await projection.load(self._memory.recall(wanted(batch), known), known)
        runs = self._memory.recall(wanted_task_runs(known, batch), known)
        if runs.task_runs:
            await projection.load(runs, known)
        changes = project(known, batch)
        await self._commit(projection, changes, items)
        self._memory.keep(changes)
        self._count(known, changes)
        if changes.orphans:
            first = changes.orphans[0]
            self._metrics.orphans.inc(len(changes.orphans))
            log.warning(
                "events_orphaned",
                count=len(changes.orphans),
                topic=first.topic,
                partition=first.partition,
                offset=first.offset,
            )

    async def _commit(self, projection: Projection, changes: Changes, items: Sequence[Item]) -> None:
        self._suspicion.decided(now_ms())
        signs = self._suspicion.signs()
        await projection.write(changes, next_offsets(items), None if signs == self._signed else signs)
        self._signed = signs

    def _count(self, known: Known, changes: Changes) -> None:
        """Count by rows instead of events, so that repeated events count once."""
        for row in changes.executions.values():
            before = known.executions.get(row.id)
            if before is None:
                self._metrics.created(row.namespace, row.flow_id)
            if row.ended_at is not None and (before is None or before.ended_at is None):
                self._metrics.ended(row.namespace, row.flow_id, row.histories[-1].state.value)

    async def _bury(self, records: Sequence[tuple[Fetched, str]]) -> None:
        await self._ports.dead.bury(records)
        self._metrics.buried(len(records))
        now = monotonic()
        self._deaths.extend([now] * len(records))

    def _check_deaths(self) -> None:
        """Called after the batch is stored, so that a restart begins after it."""
        now = monotonic()
        while self._deaths and self._deaths[0] < now - 60:
            self._deaths.popleft()
        if len(self._deaths) > MOST_DEAD_PER_MINUTE:
            raise Fatal(
                f"more than {MOST_DEAD_PER_MINUTE} dead letters in a minute; the indexer stops before it empties a topic"
            )

    async def _tell_progress(self, done: asyncio.Event) -> None:
        """Show the offsets to people and to the executor's admission. The true offsets are stored with the rows."""
        told: dict[TopicPartition, int] = {}
        while True:
            news = {p: offset for p, offset in self._positions.items() if told.get(p) != offset}
            try:
                if news:
                    await self._ports.progress.commit(news)
                    told.update(news)
                ends = await self._ports.ends.end_offsets(list(PARTITIONS))
                self._metrics.lag({p: max(0, end - self._positions.get(p, 0)) for p, end in ends.items()})
            except Transient as outage:
                log.warning("progress_not_told", reason=str(outage))
            if done.is_set():
                return
            await _sleep_until(done, PROGRESS_SECONDS)
            if all(told.get(p) == offset for p, offset in self._positions.items()):
                await self._until_news(done)

    async def _until_news(self, done: asyncio.Event) -> None:
        """Wait until something is stored. Look at the topics' ends now and then, because a writer that hangs stores nothing."""
        self._news.clear()
        waits = [asyncio.ensure_future(event.wait()) for event in (self._news, done)]
        try:
            await asyncio.wait(waits, timeout=IDLE_PROGRESS_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()


async def _sleep_until(event: asyncio.Event, seconds: float) -> None:
    if seconds <= 0:
        return
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return


async def _unless(stop: asyncio.Event, opening: Awaitable[Projection]) -> Projection | None:
    """Return the projection, or None if ``stop`` comes first."""
    task = asyncio.ensure_future(opening)
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return await task
        return None
    finally:
        stopped.cancel()
        if not task.done():
            task.cancel()
            await asyncio.wait({task})
