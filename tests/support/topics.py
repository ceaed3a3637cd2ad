"""Topics of one test, with their own prefix on the shared broker.

They are deleted after the test: a broker keeps a file open for each partition, and a session would make 20,000 of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from contracts.topics import TOPICS
from toccata.runtime.errors import Transient
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.topic_admin import connected_admin, ensure_topics

_MADE: list[KafkaSettings] = []
"""Whose topics the running test made."""


async def own_topics(bootstrap: str, only: Collection[str] = TOPICS.keys()) -> KafkaSettings:
    """Return settings with a fresh prefix whose topics exist until the test ends."""
    settings = KafkaSettings(bootstrap_servers=bootstrap, topic_prefix=fresh_prefix())
    _MADE.append(settings)
    await ensure_topics(settings, only=only)
    return settings


def fresh_prefix() -> str:
    """Return a topic prefix that nobody else has. Who makes topics with it deletes them."""
    return f"t{uuid.uuid4().hex[:10]}."


async def delete_topics(settings: KafkaSettings) -> None:
    """Delete all topics of this prefix. Nothing happens if the broker is gone, as that of one test is."""
    with contextlib.suppress(Transient):
        admin = await connected_admin(settings)
        try:
            names = [name for name in await admin.list_topics() if name.startswith(settings.topic_prefix)]
            if names:
                await admin.delete_topics(names)
        finally:
            await admin.close()


async def _delete_all() -> None:
    while _MADE:
        await delete_topics(_MADE.pop())


@pytest.fixture(autouse=True)
def _topics_end_with_their_test() -> Iterator[None]:
    yield
    if _MADE:
        with ThreadPoolExecutor(1) as other:  # the test may run a loop in this thread
            other.submit(lambda: asyncio.run(_delete_all())).result()


@pytest.fixture
def topic_prefix(kafka: str) -> str:
    """Return a topic prefix that no other test has. Its topics are deleted after the test."""
    prefix = fresh_prefix()
    _MADE.append(KafkaSettings(bootstrap_servers=kafka, topic_prefix=prefix))
    return prefix
