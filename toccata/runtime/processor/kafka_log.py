"""The log of a processor's shell on Kafka."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from aiokafka.errors import KafkaError

from toccata.runtime.errors import Transient
from toccata.runtime.fetch import Reader
from toccata.runtime.kafka import Producer
from toccata.runtime.settings import KafkaSettings

_APPEND_SECONDS = 10.0
_TRUNCATE_SECONDS = 20.0


class KafkaLog:
    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._settings = settings
        self._client_id = client_id
        self._admin: AIOKafkaAdminClient | None = None
        self._one_at_a_time = asyncio.Lock()

    def reader(self, name: str) -> Reader:
        return Reader(self._settings, f"{self._client_id}-{name}")

    def journal(self, name: str) -> Producer:
        return Producer(self._settings, f"{self._client_id}-{name}", deadline_seconds=_APPEND_SECONDS)

    async def truncate(self, topic: str, partition: int, offset: int) -> None:
        """Delete all records below the offset. Raise Transient if that is not possible now."""
        cut = {TopicPartition(self._settings.topic_prefix + topic, partition): RecordsToDelete(offset)}
        async with self._one_at_a_time:
            try:
                async with asyncio.timeout(_TRUNCATE_SECONDS):
                    await (await self._connected()).delete_records(cut)
            except (KafkaError, OSError, TimeoutError) as error:
                await self._disconnect()
                raise Transient(f"truncating {topic}/{partition} at {offset}: {error!r}") from error

    async def stop(self) -> None:
        async with self._one_at_a_time:
            await self._disconnect()

    async def _connected(self) -> AIOKafkaAdminClient:
        if self._admin is None:
            admin = AIOKafkaAdminClient(
                **self._settings.client_options(), client_id=f"{self._client_id}-truncation"
            )
            self._admin = admin
            await admin.start()
        return self._admin

    async def _disconnect(self) -> None:
        admin, self._admin = self._admin, None
        if admin is not None:
            with suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(admin.close(), 5)
