"""The event listener: reads events, finds matching triggers, sends starts, commits. At least once: a start that is sent twice
is one execution.

The replica that owns partition ``p mod 8`` of processor ``triggers`` reads partition ``p`` of any topic. So one membership serves both.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from random import getrandbits

from contracts import codec
from contracts.cloudevent import InvalidCloudEvent
from contracts.registry import FlowState
from contracts.scalars import Millis
from contracts.topics import WORK_PARTITIONS
from services.trigger_listener.core.incoming import EventRecord, read_event
from services.trigger_listener.core.match import Matchers, WhenFailed, event_triggers, start_of
from services.trigger_listener.metrics import ListenerMetrics
from services.trigger_listener.ports import EventLog, FlowTable, Outlet, TopicPartition
from toccata.runtime.clock import monotonic, now_ms
from toccata.runtime.dead_letter import dead_letter
from toccata.runtime.errors import Transient
from toccata.runtime.group_position import Noted
from toccata.runtime.log import get_logger
from toccata.runtime.suspicion import ADVICE, Suspicion

log = get_logger()

MAX_START_BYTES = 400_000
"""The executor's journal stores a start again, with its variables."""
CHUNK = 500
"""The number of events whose starts are sent together."""
CAREFUL_EVENTS = 10 * CHUNK
"""How long a partition is read carefully after others died: many chunks, because offsets are committed only now and then."""
_COMMIT_SECONDS = 1.0
_PIN_SECONDS = 3_600.0
"""All offsets are committed this often. Brokers forget those of a group without members after a week."""
_LOOK_SECONDS = 2.0
"""How soon a new topic is noticed."""
_BACK_OFF_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)


class EventListener:
    def __init__(
        self,
        events: EventLog,
        outlet: Outlet,
        flows: FlowTable,
        metrics: ListenerMetrics,
        disabled: Callable[[str], bool],
    ) -> None:
        """``disabled`` says by trigger key whether the API disabled it. It raises Transient if that is not known yet."""
        self._events = events
        self._outlet = outlet
        self._flows = flows
        self._metrics = metrics
        self._disabled = disabled
        self._matchers = Matchers()
        self._dirty: set[tuple[str, str]] = set()
        self._topics: dict[str, Millis] = {}
        self.owned: frozenset[int] = frozenset()
        self._positions: dict[TopicPartition, int] = {}
        """The next record of each partition. All earlier ones are acknowledged."""
        self._suspicions: dict[TopicPartition, Suspicion] = {}
        """For each of these partitions, how its former owners ended."""
        self._process = getrandbits(62)
        self._committed: dict[TopicPartition, Noted] = {}
        self._delivery: asyncio.Future[None] | None = None
        self._stale = True
        self._wake = asyncio.Event()
        self._looked_at = self._committed_at = self._pinned_at = monotonic()
        self.ready = False
        """Partitions are known and read."""

    def assign(self, owned: frozenset[int]) -> None:
        """Own these numbers from now on. Call this in the event loop."""
        self.owned = owned
        self._stale = True
        self._wake.set()

    def flow_changed(self, state: FlowState) -> None:
        """Remember a changed flow. It is compiled later, because at start a flow may come in many revisions."""
        self._dirty.add((state.namespace, state.flow_id))
        self._wake.set()

    async def run(self) -> None:
        """Run until cancelled. Wait while the broker is away."""
        failures = 0
        while True:
            try:
                await self._turn()
                failures = 0
            except Transient as error:
                if failures == 0:
                    log.warning("events_unreachable", reason=str(error))
                pause = _BACK_OFF_SECONDS[min(failures, len(_BACK_OFF_SECONDS) - 1)]
                failures += 1
                self._stale = True
                await asyncio.sleep(pause)

    async def stop(self) -> None:
        """After ``run`` was cancelled: wait for the starts that are on their way, and commit."""
        with suppress(Transient):
            if self._delivery is not None:
                await self._delivery
        for suspicion in self._suspicions.values():
            suspicion.stopped()
        with suppress(Transient):
            await self._commit()

    async def _turn(self) -> None:
        self._learn()
        if self._stale or monotonic() - self._looked_at > _LOOK_SECONDS:
            await self._look()
        if not self._positions:
            await self._sleep()
            return
        fetched = await self._events.poll()
        if fetched:
            # An event that was published after a flow was saved must match it.
            await self._flows.catch_up()
            self._learn()
            self._delivery = asyncio.ensure_future(self._deliver(fetched))
            # A cancellation must not come between the acknowledgement and the note of the position.
            await asyncio.shield(self._delivery)
        if monotonic() - self._committed_at > _COMMIT_SECONDS:
            await self._commit()

    def _learn(self) -> None:
        if not self._dirty:
            return
        dirty, self._dirty = self._dirty, set()
        for namespace, flow_id in dirty:
            self._matchers.replace(namespace, flow_id, event_triggers(self._flows.get(namespace, flow_id)))
        topics = self._matchers.topics()
        if topics.keys() != self._topics.keys():
            self._stale = True
        self._topics = topics

    async def _look(self) -> None:
        """Find our present partitions. Begin with new ones, and forget those that are gone."""
        topics = self._topics or self._matchers.topics()
        existing = await self._events.partitions(topics)
        wanted = {
            (topic, partition)
            for topic, partitions in existing.items()
            for partition in partitions
            if partition % WORK_PARTITIONS in self.owned
        }
        self._looked_at = monotonic()
        if not self._stale and wanted == self._positions.keys():
            return
        self._stale = False
        for gone in self._positions.keys() - wanted:
            if gone[1] in existing.get(gone[0], ()):
                self._suspicions[gone].stopped()
            else:  # the broker refuses offsets of topics that do not exist
                del self._positions[gone]
        await self._commit()
        new = wanted - self._positions.keys()
        found = await self._events.starts(new, topics) if new else {}
        kept = {key: offset for key, offset in self._positions.items() if key in wanted}
        positions = kept | {key: offset for key, (offset, _) in found.items()}
        await self._events.assign(positions)
        self._positions = positions
        self._suspicions = {key: self._suspicions[key] for key in kept} | {
            key: self._take_over(key, signs) for key, (_, signs) in found.items()
        }
        self._committed = {key: noted for key, noted in self._committed.items() if key in kept}
        # Commit the beginning, so that a restart does not begin later on a topic with older records.
        await self._commit()
        self.ready = True
        if new:
            log.info("events_assigned", topics=sorted({topic for topic, _ in wanted}), partitions=len(wanted))

    def _take_over(self, key: TopicPartition, signs: str) -> Suspicion:
        """Find out how former owners of the partition ended."""
        suspicion = Suspicion.of(signs, CAREFUL_EVENTS)
        suspicion.begin(self._process, now_ms())
        if suspicion.careful:
            log.warning("events_careful", topic=key[0], partition=key[1], events=suspicion.careful)
        return suspicion

    async def _deliver(self, fetched: Mapping[TopicPartition, Sequence[EventRecord]]) -> None:
        for key, records in fetched.items():
            first = 0
            while self._suspicions[key].careful and first < len(records):
                await self._deliver_carefully(key, records[first])
                first += 1
            for begin in range(first, len(records), CHUNK):
                await self._deliver_chunk(key, records[begin : begin + CHUNK])

    async def _deliver_carefully(self, key: TopicPartition, record: EventRecord) -> None:
        """Announce one record, then decide it, or set it aside if it killed too many processes."""
        place, suspicion = (record.topic, record.offset), self._suspicions[key]
        suspicion.announced(place)
        await self._commit()
        await self._deliver_chunk(key, [record], suspicion.verdict(place))
        await self._commit()
        if suspicion.step():
            log.info("events_careful_no_more", topic=record.topic, partition=record.partition)

    async def _deliver_chunk(
        self, key: TopicPartition, chunk: Sequence[EventRecord], set_aside: str = ""
    ) -> None:
        starts: list[tuple[str, bytes]] = []
        dead: list[bytes] = []
        for record in chunk:
            if set_aside:
                dead.append(_dead(record, set_aside))
            else:
                self._decide(record, starts, dead)
        if starts or dead:
            await self._outlet.send(starts, dead)
        self._positions[key] = chunk[-1].offset + 1
        self._suspicions[key].decided(now_ms())
        self._metrics.delivered(key[0], len(chunk), len(starts), len(dead))
        if set_aside:
            self._metrics.set_aside()
            log.error(
                "input_set_aside",
                topic=key[0],
                partition=key[1],
                offset=chunk[0].offset,
                reason=set_aside,
                advice=ADVICE,
            )

    def _decide(self, record: EventRecord, starts: list[tuple[str, bytes]], dead: list[bytes]) -> None:
        try:
            event = read_event(record)
        except InvalidCloudEvent as invalid:
            dead.append(_dead(record, str(invalid)))
            return
        for trigger in self._matchers.matching(record.topic, event):
            if self._disabled(trigger.key):
                continue
            try:
                start = start_of(trigger, event, now_ms(), self._flows.position)
            except WhenFailed as failed:
                log.warning(
                    "event_condition_failed",
                    trigger=trigger.key,
                    event_source=event.source,
                    event_id=event.id,
                    reason=failed.reason,
                )
                continue
            if start is None:
                continue
            value = codec.encode(start)
            if len(value) > MAX_START_BYTES:
                reason = f"its start for trigger {trigger.key} has {len(value)} bytes, but the limit is {MAX_START_BYTES}"
                dead.append(_dead(record, reason))
            else:
                starts.append((start.execution_id, value))

    async def _commit(self) -> None:
        now = monotonic()
        pin = now - self._pinned_at > _PIN_SECONDS
        present = {
            key: Noted(offset, self._suspicions[key].signs()) for key, offset in self._positions.items()
        }
        changed = {key: noted for key, noted in present.items() if pin or self._committed.get(key) != noted}
        if changed:
            await self._events.commit(changed)
            self._committed.update(changed)
        self._committed_at = now
        self._pinned_at = now if pin else self._pinned_at

    async def _sleep(self) -> None:
        """Wait until something changes, because there is nothing to read."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_SECONDS):
                await self._wake.wait()
        self._wake.clear()


def _dead(record: EventRecord, reason: str) -> bytes:
    return dead_letter(
        record.topic, record.partition, record.offset, reason, record.key, (record.value or b"")[:200_000]
    )
