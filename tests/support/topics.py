"""Topics of one test, with their own prefix on the shared broker."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from contracts.topics import TOPICS
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.topic_admin import ensure_topics


async def own_topics(bootstrap: str, only: Collection[str] = TOPICS.keys()) -> KafkaSettings:
    """Return settings with a fresh prefix whose topics exist."""
    settings = KafkaSettings(bootstrap_servers=bootstrap, topic_prefix=f"t{uuid.uuid4().hex[:8]}.")
    await ensure_topics(settings, only=only)
    return settings
