"""Tells how new a broker is. Kafka has no call for its version, so the requests that it still accepts have to tell."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaConnectionError, KafkaError
from aiokafka.protocol.admin import ApiVersionRequest

from toccata.runtime.errors import Transient
from toccata.runtime.settings import KafkaSettings

_SECONDS = 10.0
_CREATE_TOPICS = 19
_FIRST_OF_KAFKA_4 = 2
"""Kafka 4.0 dropped requests that are older than 2.1. CreateTopics then began with version 2."""


async def is_kafka_4(settings: KafkaSettings) -> bool:
    """Return whether the broker is Kafka 4.0 or newer. Raise Transient if no broker answers."""
    client = AIOKafkaClient(**settings.client_options(), client_id="toccata-version")
    try:
        async with asyncio.timeout(_SECONDS):
            await client.bootstrap()
            node = client.get_random_node()
            if node is None:
                raise KafkaConnectionError("the broker does not name any broker yet")
            answer: Any = await client.send(node, ApiVersionRequest())
    except (KafkaError, OSError, TimeoutError) as error:
        raise Transient(f"cannot reach Kafka at {settings.bootstrap_servers}: {error!r}") from error
    finally:
        with suppress(KafkaError, OSError, TimeoutError):
            await asyncio.wait_for(client.close(), 5)
    return any(
        key == _CREATE_TOPICS and lowest >= _FIRST_OF_KAFKA_4 for key, lowest, _ in answer.api_versions
    )
