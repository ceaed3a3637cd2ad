"""Reads partitions from explicit offsets, on aiokafka's connection layer.

It does not use AIOKafkaConsumer, whose prefetcher leaves partitions with unread data out of the next long poll. A record
that arrives meanwhile waits until that poll ends (up to ``fetch_max_wait_ms``); measurements showed this as the largest part
of a hop. Here the next request leaves when the last was read, and a broker's session covers all its partitions.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from aiokafka.errors import KafkaError, OffsetOutOfRangeError, for_code
from aiokafka.record.memory_records import MemoryRecords

from toccata.runtime.clock import monotonic
from toccata.runtime.cluster import (
    EARLIEST,
    FETCHES,
    LATEST,
    REQUEST_SECONDS,
    Cluster,
    NotReady,
    TopicPartition,
)
from toccata.runtime.errors import Transient
from toccata.runtime.fetch_session import Answer, Bounds, FetchSession, Named
from toccata.runtime.fetch_trouble import Troubles
from toccata.runtime.log import get_logger
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.traffic import TRAFFIC

__all__ = ["Fetched", "NotReady", "Reader", "Start", "TopicPartition"]

Start: TypeAlias = int | Literal["earliest", "latest"]
log = get_logger()

_SHORT_WAIT_MS, _LONG_WAIT_MS = 50, 5_000
"""A request waits briefly just after an assignment, because more often follow. Without news it then waits ever longer."""
_BOUNDS = Bounds(_LONG_WAIT_MS)
_STALLED_SECONDS = 10.0
"""If the high watermark is ahead this long, and the broker has room and gives nothing, ask on a new connection."""


@dataclass(slots=True)
class Fetched:
    topic: str
    """Without the prefix."""
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]


@dataclass(slots=True)
class _Link:
    """The long poll at one broker."""

    node: int
    session: FetchSession = field(default_factory=FetchSession)
    response: asyncio.Task[Any] | None = None
    until: float = 0.0
    stalled: dict[Named, float] = field(default_factory=dict)
    """Since when a partition gives nothing although its end is ahead."""


class Reader:
    """Not safe for concurrent polls. It commits nothing; offsets are up to the caller."""

    def __init__(self, settings: KafkaSettings, client_id: str, bounds: Bounds = _BOUNDS) -> None:
        self._cluster = Cluster(settings, client_id)
        self._bounds = bounds
        self._wait_ms = _SHORT_WAIT_MS
        self._links: dict[int, _Link] = {}
        self._positions: dict[TopicPartition, int] = {}
        self._names: dict[TopicPartition, Named] = {}
        self._topics: dict[Named, TopicPartition] = {}
        self._leaders: dict[TopicPartition, int] = {}
        self._highs: dict[TopicPartition, int] = {}
        self._lost: list[tuple[TopicPartition, int, int]] = []
        self._out_of_range: set[TopicPartition] = set()
        self._troubles = Troubles()
        self._stale_leaders = False
        self._woken = asyncio.Event()

    async def start(self) -> None:
        """Connect. Raise Transient if the broker is away."""
        await self._cluster.connect()

    async def stop(self) -> None:
        for link in self._links.values():
            if link.response is not None:
                link.response.cancel()
        self._links.clear()
        await self._cluster.close()

    async def assign(self, starts: Mapping[TopicPartition, Start]) -> None:
        """Read only these partitions, from these offsets."""
        symbolic = {
            p: EARLIEST if s == "earliest" else LATEST for p, s in starts.items() if isinstance(s, str)
        }
        found = await self._cluster.offsets(symbolic) if symbolic else {}
        self._positions = {p: found[p] if isinstance(s, str) else s for p, s in starts.items()}
        self._names = {p: (self._cluster.name(p[0]), p[1]) for p in starts}
        self._topics = {named: p for p, named in self._names.items()}
        self._leaders = {p: node for p, node in self._leaders.items() if p in starts}
        self._highs = {}
        self._troubles.clear()
        self._out_of_range = set()
        self._wait_ms = _SHORT_WAIT_MS

    def wake(self) -> None:
        """End the present poll, or the next one, because the caller has a new assignment."""
        self._woken.set()

    def position(self, topic: str, partition: int) -> int:
        """Return the offset of the record that poll gives next."""
        return self._positions[topic, partition]

    def positions(self) -> dict[TopicPartition, int]:
        return dict(self._positions)

    def lag(self) -> dict[str, int]:
        """Return by topic how many records the last polls saw but did not fetch."""
        behind = dict.fromkeys((topic for topic, _ in self._positions), 0)
        for partition, high in self._highs.items():
            behind[partition[0]] += max(0, high - self._positions[partition])
        return behind

    def take_lost(self) -> list[tuple[TopicPartition, int, int]]:
        """Return (partition, from, to) for the ranges that retention removed unread since the last call."""
        lost, self._lost = self._lost, []
        return lost

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return await self._cluster.offsets(dict.fromkeys(partitions, LATEST))

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return await self._cluster.offsets(dict.fromkeys(partitions, EARLIEST))

    async def offsets_since(self, instants: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Return the offsets of the first records written at that millisecond or later; -1 if there is none."""
        return await self._cluster.offsets(instants)

    async def poll(self, timeout_ms: int = 500) -> dict[TopicPartition, list[Fetched]]:
        """Return new records by partition, in order. Empty after the time-out; requests to brokers go on meanwhile.

        A partition that cannot be read does not hold up the others. Raise Transient if no partition can be read."""
        until = monotonic() + timeout_ms / 1000
        while True:
            if await self._find_positions():
                return {}  # so that the caller can ask what is lost before it takes what follows
            await self._ask()
            woken = await self._wait(until)
            # Positions move here alone, without an await before the return. So nothing that was passed over is lost.
            results = self._take()
            if results:
                return results
            await self._raise_if_hopeless()
            if woken or monotonic() >= until:
                return {}

    async def _ask(self) -> None:
        """Send a request to each broker that has none, or whose request names too little."""
        if not self._positions:
            return
        now = monotonic()
        by_node = await self._by_leader([p for p in self._positions if self._troubles.may_try(p, now)])
        wait_ms = min(self._wait_ms, _SHORT_WAIT_MS) if self._troubles else self._wait_ms
        bounds = Bounds(min(wait_ms, self._bounds.wait_ms), self._bounds.bytes, self._bounds.partition_bytes)
        for node in by_node.keys() | self._links.keys():
            link = self._links.setdefault(node, _Link(node))
            wanted = {self._names[p]: self._positions[p] for p in by_node.get(node, ())}
            if link.response is not None and not link.response.done():
                behind = any(link.session.asked.get(named) != at for named, at in wanted.items())
                if not behind or link.until < now + _SHORT_WAIT_MS / 500:
                    continue
                self._cut(link)
            if link.response is None and wanted:
                request = link.session.request(wanted, bounds)
                TRAFFIC.fetches += 1
                TRAFFIC.partitions_asked += request.named
                link.until = now + bounds.wait_ms / 1000
                seconds = bounds.wait_ms / 1000 + REQUEST_SECONDS
                link.response = asyncio.ensure_future(
                    self._cluster.send(node, request, FETCHES, seconds=seconds)
                )
                link.response.add_done_callback(_retrieve)

    async def _by_leader(self, partitions: list[TopicPartition]) -> dict[int, list[TopicPartition]]:
        if self._stale_leaders:
            self._stale_leaders = False
            self._leaders = {}
            await self._cluster.refresh()
        if any(p not in self._leaders for p in partitions):
            self._leaders.update(await self._cluster.leaders(partitions))
        by_node: dict[int, list[TopicPartition]] = {}
        for partition in partitions:
            node = self._leaders.get(partition)
            if node is None:
                self._note(partition, "has no leader, or does not exist")
            else:
                by_node.setdefault(node, []).append(partition)
        return by_node

    async def _wait(self, until: float) -> bool:
        """Wait for a response, for ``wake``, for the time-out, or until a partition is to be tried again."""
        now = monotonic()
        until = self._troubles.next_try(now, until)
        waker = asyncio.ensure_future(self._woken.wait())
        responses = [link.response for link in self._links.values() if link.response is not None]
        try:
            await asyncio.wait(
                [waker, *responses],
                timeout=max(0.0, until - now),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            waker.cancel()
        woken = self._woken.is_set()
        self._woken.clear()
        return woken

    def _take(self) -> dict[TopicPartition, list[Fetched]]:
        results: dict[TopicPartition, list[Fetched]] = {}
        for link in self._links.values():
            response = link.response
            if response is None or not response.done():
                continue
            link.response = None
            try:
                answers = link.session.answered(response.result())
            except (KafkaError, OSError, TimeoutError, Transient, asyncio.CancelledError) as error:
                self._broker_away(link, f"fetching: {error!r}")
                continue
            if answers is not None:
                TRAFFIC.partitions_answered += len(answers)
                found = self._read(link, answers)
                if not found:
                    self._wait_ms = min(2 * self._wait_ms, _LONG_WAIT_MS)
                results.update(found)
                TRAFFIC.records_received += sum(map(len, found.values()))
        return results

    def _read(self, link: _Link, answers: Iterable[Answer]) -> dict[TopicPartition, list[Fetched]]:
        results: dict[TopicPartition, list[Fetched]] = {}
        size = 0
        for answer in answers:
            partition = self._topics.get(answer.partition)
            if partition is None or link.session.asked[answer.partition] != self._positions[partition]:
                continue  # assigned anew since the request left
            size += len(answer.data)
            try:
                if answer.code:
                    self._refused(partition, answer.code)
                    continue
                self._highs[partition] = answer.high
                records = self._unpack(partition, answer.data) if answer.data else []
            except KafkaError as error:
                self._note(partition, repr(error))
                continue
            self._troubles.over(partition)
            if records:
                results[partition] = records
        self._watch(link, results, size)
        return results

    def _unpack(self, partition: TopicPartition, data: bytes) -> list[Fetched]:
        topic, number = partition
        position = self._positions[partition]
        records: list[Fetched] = []
        memory = MemoryRecords(data)
        while memory.has_next():
            batch = memory.next_batch()
            if not batch.is_control_batch:
                records.extend(
                    Fetched(topic, number, r.offset, r.timestamp, r.key, r.value, r.headers)
                    for r in batch
                    if r.offset >= position
                )
            # Use the batch's own next offset, because compaction may have removed its last records.
            position = max(position, batch.next_offset)
        # Go to the end of the line. In a whole request, the broker serves partitions in the order in which they are named.
        del self._positions[partition]
        self._positions[partition] = position
        return records

    def _watch(self, link: _Link, results: Mapping[TopicPartition, Any], size: int) -> None:
        """Ask anew if the broker keeps back records for which it has room. A full answer only means that others had their turn."""
        if size + self._bounds.partition_bytes > self._bounds.bytes:
            link.stalled.clear()
            return
        now = monotonic()
        link.stalled = {
            named: link.stalled.get(named, now)
            for named in link.session.asked
            if (p := self._topics.get(named)) is not None
            and p not in results
            and p not in self._troubles
            and self._highs.get(p, 0) > self._positions[p]
        }
        since = min(link.stalled.values(), default=now)
        if now - since >= _STALLED_SECONDS:
            log.warning(
                "fetch_stalled",
                partitions=[f"{name}/{number}" for name, number in link.stalled],
                seconds=round(now - since),
            )
            self._cut(link)

    def _cut(self, link: _Link) -> None:
        if link.response is not None:
            link.response.cancel()
            link.response = None
        link.stalled = {}
        link.session.restart()
        self._cluster.cut(link.node, FETCHES)

    def _broker_away(self, link: _Link, reason: str) -> None:
        self._cut(link)
        for named in link.session.asked:
            if named in self._topics:
                self._note(self._topics[named], reason, away=True)
        self._stale_leaders = True

    def _refused(self, partition: TopicPartition, code: int) -> None:
        error = for_code(code)
        if error is OffsetOutOfRangeError:
            self._out_of_range.add(partition)
        else:
            self._stale_leaders = True
        self._note(partition, error.__name__)

    def _note(self, partition: TopicPartition, reason: str, *, away: bool = False) -> None:
        self._troubles.note(partition, reason, monotonic(), away=away)

    async def _raise_if_hopeless(self) -> None:
        reason = self._troubles.hopeless(len(self._positions), monotonic())
        if reason is not None:
            self._troubles.clear()
            await self.stop()
            raise Transient(reason)

    async def _find_positions(self) -> bool:
        """Look where partitions go on whose offset does not exist (any more). Return whether there were some."""
        found = False
        for partition in [p for p in self._out_of_range if self._troubles.may_try(p, monotonic())]:
            try:
                earliest = (await self._cluster.offsets({partition: EARLIEST}))[partition]
                latest = (await self._cluster.offsets({partition: LATEST}))[partition]
            except Transient as error:
                self._note(partition, str(error))
                continue
            position = self._positions[partition]
            target = earliest if position < earliest else latest
            log.error(
                "offset_out_of_range",
                topic=partition[0],
                partition=partition[1],
                position=position,
                target=target,
            )
            self._lost.append((partition, position, target))
            self._positions[partition] = target
            self._out_of_range.discard(partition)
            found = True
        return found


def _retrieve(response: asyncio.Future[Any]) -> None:
    """Mark an error as seen, because nobody waits for a response after ``stop``."""
    if not response.cancelled():
        response.exception()
