"""Compares those settings of existing topics with the contract without which records could be lost, and corrects them.

If a journal's records expired by age, state would be lost. If a record had its writer's time, a wrong clock could make it expire
unread, or be refused. An operator's other settings of a topic stay as they are.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import for_code

from contracts.topics import FOREVER, TOPICS, Topic
from toccata.runtime.errors import Transient
from toccata.runtime.settings import KafkaSettings

_FROM_TOPIC = 1
"""The source of a value that was set on the topic itself."""
_DATED = "message.timestamp.type"
_OF_JOURNALS = ("cleanup.policy", "retention.ms", "retention.bytes", _DATED)


async def correct_topics(
    admin: AIOKafkaAdminClient, settings: KafkaSettings, existing: Collection[str]
) -> list[str]:
    """Let existing topics keep their records, and return the names of those changed. Raise Transient if the broker refuses."""
    changed = []
    for topic, values, own in await _found(admin, settings, existing):
        wrong = _differing(topic, values)
        if not wrong:
            continue
        name = settings.topic_prefix + topic.name
        # This request replaces all settings of the topic, so those that are already there are sent along.
        resource = ConfigResource(
            ConfigResourceType.TOPIC, name, own | {each: topic.config()[each] for each in wrong}
        )
        for response in await admin.alter_configs([resource]):
            for code, message, *_ in response.resources:
                if code:
                    raise Transient(f"changing topic {name}: {for_code(code).__name__} {message or ''}")
        changed.append(name)
    return changed


async def wrong_settings(
    admin: AIOKafkaAdminClient, settings: KafkaSettings, existing: Collection[str]
) -> list[str]:
    """Return what is wrong with the settings of topics, in words."""
    return [
        f"topic {settings.topic_prefix}{topic.name} has {name}={values[name]}, expected {topic.config()[name]}"
        for topic, values, _ in await _found(admin, settings, existing)
        for name in _differing(topic, values)
    ]


def _differing(topic: Topic, values: dict[str, str]) -> list[str]:
    watched = _OF_JOURNALS if topic.retention_ms == FOREVER else (_DATED,)
    return [name for name in watched if values.get(name) != topic.config()[name]]


async def _found(
    admin: AIOKafkaAdminClient, settings: KafkaSettings, existing: Collection[str]
) -> list[tuple[Topic, dict[str, str], dict[str, str]]]:
    """Return each existing topic with all its settings, and with those that were set on the topic itself."""
    topics = [topic for topic in TOPICS.values() if topic.name in existing]
    if not topics:
        return []
    asked = [ConfigResource(ConfigResourceType.TOPIC, settings.topic_prefix + t.name) for t in topics]
    found: dict[str, tuple[dict[str, str], dict[str, str]]] = {}
    for response in await admin.describe_configs(asked):
        for code, message, _kind, name, entries in response.resources:
            if code:
                raise Transient(f"settings of topic {name}: {for_code(code).__name__} {message or ''}")
            found[name] = _values(entries)
    return [(topic, *found[settings.topic_prefix + topic.name]) for topic in topics]


def _values(entries: list[Any]) -> tuple[dict[str, str], dict[str, str]]:
    values = {name: value for name, value, *_ in entries}
    own = {name: value for name, value, _, source, *_ in entries if source == _FROM_TOPIC}
    return values, own
