"""Asks Kafka for a sign of life, on its own connection and within a deadline. A broker that hangs does not answer."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError
from aiokafka.protocol.metadata import MetadataRequest

from toccata.runtime.errors import Transient
from toccata.runtime.settings import KafkaSettings

_NO_TOPICS: list[str] = []


class KafkaProbe:
    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._settings = settings
        self._client_id = f"{client_id}-probe"
        self._client: AIOKafkaClient | None = None

    async def ask(self, seconds: float) -> None:
        """Return once a broker has answered. Raise Transient if none answers in time."""
        try:
            async with asyncio.timeout(seconds):
                if self._client is None:
                    self._client = await self._connected(seconds)
                await _any_answer(self._client)
        except (KafkaError, OSError, TimeoutError) as error:
            await self.stop()
            raise Transient(f"Kafka at {self._settings.bootstrap_servers}: {error!r}") from error

    async def stop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(client.close(), 0.5)

    async def _connected(self, seconds: float) -> AIOKafkaClient:
        client = AIOKafkaClient(
            **self._settings.client_options(),
            client_id=self._client_id,
            request_timeout_ms=int(seconds * 1000),
        )
        try:
            await client.bootstrap()
        except BaseException:
            with suppress(KafkaError, OSError):
                await client.close()
            raise
        return client


async def _any_answer(client: AIOKafkaClient) -> None:
    """Wait for one broker's answer. One is enough, because a single one of several may be down."""
    request = MetadataRequest(_NO_TOPICS)
    asked = [asyncio.ensure_future(client.send(b.nodeId, request)) for b in client.cluster.brokers()]
    try:
        for answer in asyncio.as_completed(asked):
            with suppress(KafkaError, OSError):
                await answer
                return
        raise KafkaError("no broker answers")
    finally:
        for each in asked:
            each.cancel()
        await asyncio.gather(*asked, return_exceptions=True)
