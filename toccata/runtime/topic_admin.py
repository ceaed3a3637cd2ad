"""Creates and checks the topics of ``contracts.topics``."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from contracts.topics import TOPICS
from toccata.runtime.errors import Fatal, Transient
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.topic_settings import correct_topics, wrong_settings


async def ensure_topics(
    settings: KafkaSettings, replication: int = 1, only: Collection[str] = TOPICS.keys()
) -> list[str]:
    """Create missing topics (of ``only``), let existing ones keep their records, and return the names of both. Raise Fatal if a topic
    has another partition count."""
    admin = await connected_admin(settings)
    try:
        existing = await _partition_counts(admin, settings)
        missing = [topic for topic in TOPICS.values() if topic.name in only and topic.name not in existing]
        wrong = _wrong(existing)
        if wrong:
            raise Fatal("; ".join(wrong))
        if missing:
            new = [
                NewTopic(settings.topic_prefix + t.name, t.partitions, replication, topic_configs=t.config())
                for t in missing
            ]
            response = await admin.create_topics(new, timeout_ms=20_000)
            for name, code, *rest in response.topic_errors:
                if code and for_code(code) is not TopicAlreadyExistsError:
                    raise Transient(f"creating topic {name}: {for_code(code).__name__} {rest}")
        corrected = await correct_topics(admin, settings, existing)
        return [settings.topic_prefix + topic.name for topic in missing] + corrected
    except (KafkaError, OSError) as error:
        raise Transient(f"creating topics: {error!r}") from error
    finally:
        with suppress(KafkaError, OSError):
            await admin.close()


async def partitions_of(settings: KafkaSettings, topic: str) -> list[int]:
    """Return the partitions of any topic, by its name without our prefix. Empty if there is none, or none that this user may
    see. Raise Transient if no broker answers."""
    name = settings.topic_prefix + topic if topic in TOPICS else topic
    admin = await connected_admin(settings)
    try:
        (described,) = await admin.describe_topics([name])
    except (KafkaError, OSError) as error:
        raise Transient(f"asking for topic {name}: {error!r}") from error
    finally:
        with suppress(KafkaError, OSError):
            await admin.close()
    return sorted(partition["partition"] for partition in described["partitions"])


async def check_topics(settings: KafkaSettings) -> list[str]:
    """Return the problems of the topics on the broker, in words. Empty if there are none."""
    admin = await connected_admin(settings)
    try:
        existing = await _partition_counts(admin, settings)
        different = await wrong_settings(admin, settings, existing)
    finally:
        await admin.close()
    missing = [f"topic {settings.topic_prefix}{name} is missing" for name in TOPICS if name not in existing]
    return missing + _wrong(existing) + different


def _wrong(existing: dict[str, int]) -> list[str]:
    return [
        f"topic {topic.name} has {existing[topic.name]} partitions, expected {topic.partitions}"
        for topic in TOPICS.values()
        if existing.get(topic.name, topic.partitions) != topic.partitions
    ]


async def connected_admin(settings: KafkaSettings) -> AIOKafkaAdminClient:
    """Raise Transient if no broker answers. Close it after use."""
    admin = AIOKafkaAdminClient(
        **settings.client_options(), client_id="toccata-topics", request_timeout_ms=20_000
    )
    try:
        await admin.start()
    except (KafkaError, OSError) as error:
        with suppress(KafkaError, OSError):
            await admin.close()
        raise Transient(f"cannot reach Kafka at {settings.bootstrap_servers}: {error!r}") from error
    return admin


async def _partition_counts(admin: AIOKafkaAdminClient, settings: KafkaSettings) -> dict[str, int]:
    names = set(await admin.list_topics())
    ours = [settings.topic_prefix + name for name in TOPICS if settings.topic_prefix + name in names]
    described: list[dict[str, Any]] = await admin.describe_topics(ours) if ours else []
    cut = len(settings.topic_prefix)
    return {entry["topic"][cut:]: len(entry["partitions"]) for entry in described}
