"""The connections of one client: who leads a partition, where partitions begin and end, and requests to a broker.

It knows aiokafka's client and nothing of records.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from aiokafka import structs
from aiokafka.client import AIOKafkaClient, ConnectionGroup
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.offset import OffsetRequest

from contracts.topics import TOPICS
from toccata.runtime.errors import Transient
from toccata.runtime.settings import KafkaSettings

TopicPartition: TypeAlias = tuple[str, int]
EARLIEST, LATEST = -2, -1
REQUEST_SECONDS = 15.0
FETCHES = "fetches"
"""The connection of long polls. A broker reads the next request of a connection only when it has answered the last one."""
OTHERS = ConnectionGroup.DEFAULT
_PAUSES = (0.05, 0.1, 0.2, 0.5, 1.0, 1.0, 2.0)
_AWAY = (KafkaError, OSError, TimeoutError)


class NotReady(Transient):
    """The partition has no leader yet, or the asked broker is not its leader any more."""


class Cluster:
    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._client: AIOKafkaClient | None = None
        self._starting: asyncio.Future[AIOKafkaClient] | None = None
        self._forgotten = False

    def name(self, topic: str) -> str:
        """Return the full name on the broker. Names of foreign topics stay as they are."""
        return self._settings.topic_prefix + topic if topic in TOPICS else topic

    async def connect(self) -> None:
        """Find the brokers. Raise Transient if none answers."""
        await self._connected()

    async def close(self) -> None:
        if self._client is not None:
            client, self._client = self._client, None
            with suppress(*_AWAY):
                await asyncio.wait_for(client.close(), 5)

    async def send(
        self, node: int, request: Any, group: Any = OTHERS, *, seconds: float = REQUEST_SECONDS
    ) -> Any:
        """Return the broker's response. Raise KafkaError, OSError or TimeoutError."""
        client = await self._connected()
        async with asyncio.timeout(seconds):
            return await client.send(node, request, group=group)

    def cut(self, node: int, group: Any) -> None:
        """Close that connection, because what it waits for is not wanted any more."""
        connection = self._client._conns.get((node, group)) if self._client is not None else None  # noqa: SLF001 - there is no public way
        if connection is not None:
            connection.close()

    async def leaders(self, partitions: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """Return the brokers that lead these partitions. One without a leader is left out."""
        client = await self._connected()
        found = self._known(client, partitions)
        if len(found) < len(partitions):
            await self._learn(client, {self.name(topic) for topic, _ in partitions})
            found = self._known(client, partitions)
        return found

    def known_leader(self, name: str, partition: int) -> int | None:
        """Return the broker that leads the partition of this full name, if that is known already."""
        if self._client is None or self._forgotten:
            return None
        leader = self._client.cluster.leader_for_partition(structs.TopicPartition(name, partition))
        return leader if leader is not None and leader >= 0 else None

    def forget_leaders(self) -> None:
        """Let ``learn`` ask again, because a broker said that it leads a partition no more."""
        self._forgotten = True

    async def learn(self, names: set[str]) -> None:
        """Ask who leads the topics of these full names. Raise Transient if nobody answers."""
        await self._learn(await self._connected(), names)
        self._forgotten = False

    async def learn_ours(self) -> None:
        """Ask who leads those of our topics that exist. Raise Transient if nobody answers."""
        client = await self._connected()
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                everything = await client.fetch_all_metadata()
        except _AWAY as error:
            raise Transient(f"metadata: {error!r}") from error
        ours = {self.name(topic) for topic in TOPICS} & set(everything.topics())
        if ours:
            await self._learn(client, ours)

    async def send_to_any(self, request: Any) -> Any:
        client = await self._connected()
        node = client.get_random_node()
        if node is None:
            raise NotReady("no broker is known")
        return await self.send(node, request)

    async def refresh(self) -> None:
        """Ask who leads what now. Raise Transient if nobody answers."""
        client = await self._connected()
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                await client.force_metadata_update()
        except _AWAY as error:
            raise Transient(f"metadata: {error!r}") from error

    async def offsets(self, wanted: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        """Return the offsets at these instants (ms), or at EARLIEST or LATEST; -1 if nothing is that young."""
        for pause in _PAUSES:
            try:
                return await self._ask_offsets(wanted)
            except NotReady:
                # A leader was elected a moment ago (new topic, broker restart), so ask again before giving up.
                await asyncio.sleep(pause)
                await self.refresh()
        return await self._ask_offsets(wanted)

    async def _ask_offsets(self, wanted: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        leaders = await self.leaders(wanted)
        for topic, number in wanted:
            if (topic, number) not in leaders:
                raise NotReady(f"{self.name(topic)}/{number} has no leader, or does not exist")
        found: dict[TopicPartition, int] = {}
        for node in set(leaders.values()):
            mine = {p: at for p, at in wanted.items() if leaders[p] == node}
            found.update(await self._offsets_of(node, mine))
        return found

    async def _offsets_of(self, node: int, wanted: Mapping[TopicPartition, int]) -> dict[TopicPartition, int]:
        topics: dict[str, list[tuple[int, int]]] = {}
        for (topic, number), at in wanted.items():
            topics.setdefault(self.name(topic), []).append((number, at))
        names = {self.name(topic): topic for topic, _ in wanted}
        try:
            response = await self.send(node, OffsetRequest(-1, 0, list(topics.items())))
        except _AWAY as error:
            await self.close()
            raise Transient(f"asking for offsets: {error!r}") from error
        found: dict[TopicPartition, int] = {}
        for name, entries in response.topics:
            for number, code, _timestamp, offset in entries:
                if code:
                    raise NotReady(f"offset of {name}/{number}: {for_code(code).__name__}")
                found[names[name], number] = offset
        return found

    def _known(
        self, client: AIOKafkaClient, partitions: Iterable[TopicPartition]
    ) -> dict[TopicPartition, int]:
        found: dict[TopicPartition, int] = {}
        for topic, number in partitions:
            leader = client.cluster.leader_for_partition(structs.TopicPartition(self.name(topic), number))
            if leader is not None and leader >= 0:
                found[topic, number] = leader
        return found

    async def _learn(self, client: AIOKafkaClient, names: set[str]) -> None:
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                await client.set_topics(names | client._topics)  # noqa: SLF001 - adds to the topics it follows
                await client.force_metadata_update()
        except _AWAY as error:
            raise Transient(f"metadata: {error!r}") from error

    async def _connected(self) -> AIOKafkaClient:
        if self._client is not None:
            return self._client
        if self._starting is None:
            self._starting = asyncio.ensure_future(self._connect())
            self._starting.add_done_callback(self._started)
        return await asyncio.shield(self._starting)

    def _started(self, starting: asyncio.Future[AIOKafkaClient]) -> None:
        self._starting = None
        if not starting.cancelled():
            starting.exception()

    async def _connect(self) -> AIOKafkaClient:
        client = AIOKafkaClient(
            **self._settings.client_options(),
            client_id=self._client_id,
            request_timeout_ms=int(REQUEST_SECONDS * 1000),
            retry_backoff_ms=50,
            metadata_max_age_ms=60_000,
        )
        try:
            async with asyncio.timeout(REQUEST_SECONDS):
                await client.bootstrap()
        except _AWAY as error:
            with suppress(Exception):
                await client.close()
            raise Transient(f"cannot reach Kafka at {self._settings.bootstrap_servers}: {error!r}") from error
        self._client = client
        return client
