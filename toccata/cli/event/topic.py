"""Topics for these commands: ours and others, on a broker that may be away."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from contracts.principal import Principal, readers, writers
from contracts.topics import TOPICS
from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.kafka_away import kafka_away
from toccata.runtime import topic_admin
from toccata.runtime.errors import Transient
from toccata.runtime.log import configure
from toccata.runtime.settings import KafkaSettings

CLIENT = "toccata-cli"


@asynccontextmanager
async def reached(kafka: KafkaSettings) -> AsyncIterator[None]:
    """Turn a broker that is away into a CommandError."""
    configure("cli", "error")
    try:
        yield
    except Transient as error:
        raise kafka_away(kafka, error) from error


async def partitions_of(kafka: KafkaSettings, topic: str) -> list[int]:
    """The partitions of our own or any other topic. Raises CommandError if it does not exist."""
    found = await topic_admin.partitions_of(kafka, topic)
    if not found:
        ours = topic in TOPICS
        maker = "`toccata topics create`" if ours else "Kafka's own tools"
        advice = f"Create it with {maker}, or sign in to Kafka as a user who may see it."
        raise CommandError(f"There is no topic {kafka.topic_prefix if ours else ''}{topic}.", advice)
    return found


def writer_of(topic: str) -> Principal:
    """Whom Kafka sees when a person writes this topic. Topics of others are open to the operator only."""
    return "person" if topic in TOPICS and "person" in writers(TOPICS[topic]) else "operator"


def reader_of(topic: str) -> Principal:
    """The same for reading."""
    return "person" if topic in TOPICS and "person" in readers(TOPICS[topic]) else "operator"


def refuse_private(topic: str) -> None:
    """Raises CommandError for a private topic, because its records change without notice."""
    if topic in TOPICS and TOPICS[topic].visibility == "private":
        raise CommandError(
            f"Topic {topic} is private: its records may change without notice.",
            f"Public ones are {', '.join(name for name, t in TOPICS.items() if t.visibility != 'private')}.",
            MISUSED,
        )
