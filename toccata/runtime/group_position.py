"""Reads the committed offsets of a consumer group without members, and the partitions of topics. For services that assign
themselves partitions of foreign topics, which may come and go."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any, NamedTuple

from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.commit import OffsetFetchRequest

from contracts.topics import TOPICS
from toccata.runtime.errors import Transient
from toccata.runtime.group_offset import GroupOffsets

_TIMEOUT_SECONDS = 10.0
_NO_OFFSET = -1


class Noted(NamedTuple):
    """A committed offset, with what its committer wrote beside it."""

    offset: int
    note: str


class GroupPositions(GroupOffsets):
    """Commits like :class:`GroupOffsets`, and reads offsets back."""

    async def committed(self, partitions: Collection[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Return the next record to read, for partitions with a committed offset. Raise Transient if that fails."""
        return {place: offset for place, (offset, _) in (await self.noted(partitions)).items()}

    async def noted(self, partitions: Collection[tuple[str, int]]) -> dict[tuple[str, int], Noted]:
        """Return the same with the note that was committed beside the offset."""
        names = {self._full(topic): topic for topic, _ in partitions}
        wanted: dict[str, list[int]] = {}
        for topic, partition in partitions:
            wanted.setdefault(self._full(topic), []).append(partition)
        request = OffsetFetchRequest(self._group, list(wanted.items()))
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                client, coordinator = await self._connected()
                response: Any = await client.send(coordinator, request)
        except (KafkaError, OSError, TimeoutError) as error:
            await self.stop()
            raise Transient(f"reading offsets of {self._group}: {error!r}") from error
        found: dict[tuple[str, int], Noted] = {}
        for name, entries in response.topics:
            for partition, offset, note, code in entries:
                if code:
                    await self.stop()
                    raise Transient(f"reading offsets of {self._group}: {for_code(code).__name__}")
                if offset != _NO_OFFSET:
                    found[names[name], partition] = Noted(offset, note or "")
        return found

    async def partitions(self, topics: Collection[str]) -> dict[str, list[int]]:
        """Return the partitions of those topics that exist. Never create a topic."""
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                client, _ = await self._connected()
                cluster: Any = await client.fetch_all_metadata()
        except (KafkaError, OSError, TimeoutError) as error:
            await self.stop()
            raise Transient(f"listing topics: {error!r}") from error
        found = {topic: cluster.partitions_for_topic(self._full(topic)) for topic in topics}
        return {topic: sorted(partitions) for topic, partitions in found.items() if partitions}

    def _full(self, topic: str) -> str:
        return self._settings.topic_prefix + topic if topic in TOPICS else topic
