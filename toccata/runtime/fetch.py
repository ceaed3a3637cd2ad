"""Reads partitions from explicit offsets, on aiokafka's connection layer.

It does not use AIOKafkaConsumer, whose prefetcher leaves partitions with unread data out of the next long poll. A record
that arrives meanwhile waits until that poll ends (up to ``fetch_max_wait_ms``); measurements showed this as the largest part
of a hop. Here every request covers all partitions, and the next one leaves when the last was read.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from aiokafka import structs
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError, OffsetOutOfRangeError, for_code
from aiokafka.protocol.fetch import FetchRequest
from aiokafka.protocol.offset import OffsetRequest
from aiokafka.record.memory_records import MemoryRecords

from contracts.topics import TOPICS
from toccata.runtime.errors import Transient
from toccata.runtime.log import get_logger
from toccata.runtime.settings import KafkaSettings

TopicPartition: TypeAlias = tuple[str, int]
Start: TypeAlias = int | Literal["earliest", "latest"]
log = get_logger()

_EARLIEST, _LATEST = -2, -1
_FETCH_BYTES = 8 * 1024 * 1024
_PARTITION_BYTES = 2 * 1024 * 1024
_REQUEST_TIMEOUT_MS = 15_000
_STALLED_POLLS = 20
"""After this many polls in a row without records, although the high watermark is ahead, connect anew."""


class NotReady(Transient):
    """The partition has no leader yet, or the asked broker is not its leader any more."""


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


class Reader:
    """Not safe for concurrent polls. It commits nothing; offsets are up to the caller."""

    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._client: AIOKafkaClient | None = None
        self._positions: dict[TopicPartition, int] = {}
        self._lost: list[tuple[TopicPartition, int, int]] = []
        self._stalled: dict[TopicPartition, int] = {}
        self._highs: dict[TopicPartition, int] = {}

    async def start(self) -> None:
        """Connect. Raise Transient if the broker is away."""
        await self._connected()

    async def stop(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            with suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(client.close(), 5)

    async def assign(self, starts: Mapping[TopicPartition, Start]) -> None:
        """Read only these partitions, from these offsets."""
        symbolic = {
            p: _EARLIEST if s == "earliest" else _LATEST for p, s in starts.items() if isinstance(s, str)
        }
        found = await self._offsets(symbolic) if symbolic else {}
        self._positions = {p: found[p] if isinstance(s, str) else s for p, s in starts.items()}
        self._highs = {}

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
        return await self._offsets(dict.fromkeys(partitions, _LATEST))

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        return await self._offsets(dict.fromkeys(partitions, _EARLIEST))

    async def offsets_since(self, instants: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Return the offsets of the first records written at that millisecond or later; -1 if there is none."""
        return await self._offsets(instants)

    async def poll(self, timeout_ms: int = 500) -> dict[TopicPartition, list[Fetched]]:
        """Return new records by partition, in order. Empty after the time-out. Raise Transient if the broker is away."""
        if not self._positions:
            await asyncio.sleep(timeout_ms / 1000)
            return {}
        client = await self._connected()
        by_leader = await self._by_leader(client, list(self._positions))
        if len(by_leader) == 1:
            ((node, partitions),) = by_leader.items()
            return await self._fetch(client, node, partitions, timeout_ms)
        results: dict[TopicPartition, list[Fetched]] = {}
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(self._fetch(client, n, ps, min(timeout_ms, 20)))
                for n, ps in by_leader.items()
            ]
        for task in tasks:
            results.update(task.result())
        return results

    async def _fetch(
        self, client: AIOKafkaClient, node: int, partitions: list[TopicPartition], timeout_ms: int
    ) -> dict[TopicPartition, list[Fetched]]:
        topics: dict[str, list[tuple[int, int, int]]] = {}
        names: dict[str, str] = {}
        for topic, partition in partitions:
            name = self._name(topic)
            names[name] = topic
            topics.setdefault(name, []).append(
                (partition, self._positions[topic, partition], _PARTITION_BYTES)
            )
        request = FetchRequest(timeout_ms, 1, _FETCH_BYTES, 0, list(topics.items()))
        try:
            async with asyncio.timeout(timeout_ms / 1000 + _REQUEST_TIMEOUT_MS / 1000):
                response: Any = await client.send(node, request)
        except (KafkaError, OSError, TimeoutError) as error:
            await self._disconnect(client)
            raise Transient(f"fetching: {error!r}") from error
        results: dict[TopicPartition, list[Fetched]] = {}
        for name, entries in response.topics:
            topic = names[name]
            for partition, code, high, *rest in entries:
                if code:
                    await self._refused(client, (topic, partition), code)
                    continue
                self._highs[topic, partition] = high
                records = self._unpack(topic, partition, rest[-1]) if rest[-1] else []
                if records:
                    results[topic, partition] = records
                await self._watch(client, (topic, partition), high, stalled=not records)
        return results

    async def _watch(
        self, client: AIOKafkaClient, partition: TopicPartition, high: int, *, stalled: bool
    ) -> None:
        if not stalled or high <= self._positions[partition]:
            self._stalled.pop(partition, None)
            return
        self._stalled[partition] = self._stalled.get(partition, 0) + 1
        if self._stalled[partition] >= _STALLED_POLLS:
            self._stalled.clear()
            await self._disconnect(client)
            raise Transient(
                f"{partition[0]}/{partition[1]} does not move from offset {self._positions[partition]}, but its end is {high}"
            )

    def _unpack(self, topic: str, partition: int, data: bytes) -> list[Fetched]:
        position = self._positions[topic, partition]
        records: list[Fetched] = []
        memory = MemoryRecords(data)
        while memory.has_next():
            batch = memory.next_batch()
            if not batch.is_control_batch:
                records.extend(
                    Fetched(topic, partition, r.offset, r.timestamp, r.key, r.value, r.headers)
                    for r in batch
                    if r.offset >= position
                )
            # Use the batch's own next offset, because compaction may have removed its last records.
            position = max(position, batch.next_offset)
        self._positions[topic, partition] = position
        return records

    async def _refused(self, client: AIOKafkaClient, partition: TopicPartition, code: int) -> None:
        error = for_code(code)
        if error is OffsetOutOfRangeError:
            position = self._positions[partition]
            earliest = (await self._offsets({partition: _EARLIEST}))[partition]
            latest = (await self._offsets({partition: _LATEST}))[partition]
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
            return
        client.force_metadata_update()
        raise Transient(f"fetching {partition[0]}/{partition[1]}: {error.__name__}")

    async def _offsets(self, wanted: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        for pause in (0.05, 0.1, 0.2, 0.5, 1.0, 1.0, 2.0):
            try:
                return await self._ask_offsets(wanted)
            except NotReady:
                # A leader was elected a moment ago (new topic, broker restart), so ask again before giving up.
                await asyncio.sleep(pause)
        return await self._ask_offsets(wanted)

    async def _ask_offsets(self, wanted: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        client = await self._connected()
        found: dict[TopicPartition, int] = {}
        for node, partitions in (await self._by_leader(client, list(wanted))).items():
            topics: dict[str, list[tuple[int, int]]] = {}
            for topic, partition in partitions:
                topics.setdefault(self._name(topic), []).append((partition, wanted[topic, partition]))
            names = {self._name(topic): topic for topic, _ in partitions}
            try:
                async with asyncio.timeout(_REQUEST_TIMEOUT_MS / 1000):
                    response: Any = await client.send(node, OffsetRequest(-1, 0, list(topics.items())))
            except (KafkaError, OSError, TimeoutError) as error:
                await self._disconnect(client)
                raise Transient(f"asking for offsets: {error!r}") from error
            for name, entries in response.topics:
                for partition, code, _timestamp, offset in entries:
                    if code:
                        client.force_metadata_update()
                        raise NotReady(f"offset of {name}/{partition}: {for_code(code).__name__}")
                    found[names[name], partition] = offset
        return found

    async def _by_leader(
        self, client: AIOKafkaClient, partitions: list[TopicPartition]
    ) -> dict[int, list[TopicPartition]]:
        by_leader: dict[int, list[TopicPartition]] = {}
        for topic, partition in partitions:
            leader = _leader(client, self._name(topic), partition)
            if leader is None:
                await self._learn(client, {self._name(t) for t, _ in partitions})
                leader = _leader(client, self._name(topic), partition)
                if leader is None:
                    raise NotReady(f"{self._name(topic)}/{partition} has no leader, or does not exist")
            by_leader.setdefault(leader, []).append((topic, partition))
        return by_leader

    async def _learn(self, client: AIOKafkaClient, names: set[str]) -> None:
        try:
            async with asyncio.timeout(_REQUEST_TIMEOUT_MS / 1000):
                await client.set_topics(names | client._topics)  # noqa: SLF001 - adds to the topics it follows
                await client.force_metadata_update()
        except (KafkaError, OSError, TimeoutError) as error:
            raise Transient(f"metadata: {error!r}") from error

    async def _disconnect(self, client: AIOKafkaClient) -> None:
        if self._client is client:
            await self.stop()

    async def _connected(self) -> AIOKafkaClient:
        if self._client is not None:
            return self._client
        client = AIOKafkaClient(
            **self._settings.client_options(),
            client_id=self._client_id,
            request_timeout_ms=_REQUEST_TIMEOUT_MS,
            retry_backoff_ms=50,
            metadata_max_age_ms=60_000,
        )
        try:
            async with asyncio.timeout(_REQUEST_TIMEOUT_MS / 1000):
                await client.bootstrap()
        except (KafkaError, OSError, TimeoutError) as error:
            with suppress(Exception):
                await client.close()
            raise Transient(f"cannot reach Kafka at {self._settings.bootstrap_servers}: {error!r}") from error
        self._client = client
        return client

    def _name(self, topic: str) -> str:
        return self._settings.topic_prefix + topic if topic in TOPICS else topic


def _leader(client: AIOKafkaClient, name: str, partition: int) -> int | None:
    leader = client.cluster.leader_for_partition(structs.TopicPartition(name, partition))
    return leader if leader is not None and leader >= 0 else None
