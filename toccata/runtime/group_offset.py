"""Commits offsets of a consumer group without being a member. For services that keep their offsets elsewhere, and
only show tools and other services how far they are."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from types import MappingProxyType
from typing import Any

from aiokafka.client import AIOKafkaClient, CoordinationType
from aiokafka.errors import KafkaConnectionError, KafkaError, for_code
from aiokafka.protocol.commit import OffsetCommitRequest

from contracts.topics import TOPICS
from toccata.runtime.errors import Transient
from toccata.runtime.settings import KafkaSettings

_TIMEOUT_SECONDS = 10.0


class GroupOffsets:
    """Works for one committer at a time. A group with members refuses it."""

    def __init__(self, settings: KafkaSettings, client_id: str, group: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._group = group
        self._client: AIOKafkaClient | None = None
        self._coordinator: int | None = None

    async def commit(
        self,
        offsets: Mapping[tuple[str, int], int],
        notes: Mapping[tuple[str, int], str] = MappingProxyType({}),
    ) -> None:
        """Commit ``offsets``: (topic, partition) to the next record to read, each with its note of at most 4,096 bytes. Raise
        Transient if that fails."""
        topics: dict[str, list[tuple[int, int, str]]] = {}
        for (topic, partition), offset in offsets.items():
            name = self._settings.topic_prefix + topic if topic in TOPICS else topic
            topics.setdefault(name, []).append((partition, offset, notes.get((topic, partition), "")))
        request = OffsetCommitRequest(self._group, -1, "", -1, list(topics.items()))
        try:
            async with asyncio.timeout(_TIMEOUT_SECONDS):
                client, coordinator = await self._connected()
                response: Any = await client.send(coordinator, request)
        except (KafkaError, OSError, TimeoutError) as error:
            await self.stop()
            raise Transient(f"committing offsets of {self._group}: {error!r}") from error
        codes = {code for _, partitions in response.topics for _, code in partitions if code}
        if codes:
            await self.stop()
            names = ", ".join(for_code(code).__name__ for code in codes)
            raise Transient(f"committing offsets of {self._group}: {names}")

    async def stop(self) -> None:
        client, self._client, self._coordinator = self._client, None, None
        if client is not None:
            with suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(client.close(), 5)

    async def _connected(self) -> tuple[AIOKafkaClient, int]:
        if self._client is None:
            client = AIOKafkaClient(
                **self._settings.client_options(),
                client_id=self._client_id,
                request_timeout_ms=int(_TIMEOUT_SECONDS * 1000),
            )
            try:
                await client.bootstrap()
            except BaseException:
                with suppress(KafkaError, OSError):
                    await client.close()
                raise
            self._client = client
        if self._client.get_random_node() is None:
            # A broker that has just started may name no broker, itself included; the client asserts that it does.
            raise KafkaConnectionError("the broker does not name any broker yet")
        if self._coordinator is None:
            self._coordinator = int(
                await self._client.coordinator_lookup(CoordinationType.GROUP, self._group)
            )
        return self._client, self._coordinator
