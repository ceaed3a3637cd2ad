"""Lets days pass in minutes: topics whose records expire keep them for some seconds, and clocks of single processes are wrong."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from contracts.topics import FOREVER, TOPICS, Topic
from toccata.runtime.settings import KafkaSettings

HOUR = 3_600
WRONG_BY = (-48 * HOUR, -HOUR, HOUR, 48 * HOUR)
"""Seconds."""
_SEGMENT_MS = 5_000
_LIBRARY = "faketime/libfaketime.so.1"
_FOLDERS = (Path("/usr/lib"), Path("/usr/lib/x86_64-linux-gnu"), Path("/usr/lib/aarch64-linux-gnu"))


async def let_records_expire(kafka: KafkaSettings, seconds: int) -> None:
    """Let each topic with a retention keep its records for only so long."""
    kept = {"retention.ms": str(seconds * 1000), "segment.ms": str(_SEGMENT_MS)}
    await _change(kafka, {topic.name: kept for topic in TOPICS.values() if _expires(topic)})


async def hurry(kafka: KafkaSettings, times: int) -> None:
    """Let all records expire, and all files of logs end, so many times sooner."""
    changes: dict[str, dict[str, str]] = {}
    for topic in TOPICS.values():
        ends = HOUR * 1000 // times
        changes[topic.name] = {"segment.ms": str(ends), "delete.retention.ms": str(24 * ends)}
        if _expires(topic):
            changes[topic.name]["retention.ms"] = str((topic.retention_ms or 0) // times)
    await _change(kafka, changes)


def _expires(topic: Topic) -> bool:
    return topic.retention_ms is not None and topic.retention_ms != FOREVER


async def _change(kafka: KafkaSettings, changes: Mapping[str, Mapping[str, str]]) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka.bootstrap_servers)
    await admin.start()
    try:
        for topic, settings in changes.items():
            all_settings = TOPICS[topic].config() | dict(settings)
            resource = ConfigResource(ConfigResourceType.TOPIC, kafka.topic_prefix + topic, all_settings)
            (response,) = await admin.alter_configs([resource])
            assert not any(code for code, *_ in response.resources), response
    finally:
        await admin.close()


def library() -> Path | None:
    """Return the library that shifts the clock of a process (Debian's libfaketime), if it is installed."""
    return next((path for folder in _FOLDERS if (path := folder / _LIBRARY).exists()), None)


def wrong_by(seconds: int) -> Mapping[str, str]:
    """Return the variables of a process whose clock is wrong by so much. None without the library."""
    preload = library()
    if not seconds or preload is None:
        return {}
    # Durations stay right, as on any machine whose clock is set wrong.
    return {
        "LD_PRELOAD": str(preload),
        "FAKETIME": f"{seconds:+d}s",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


def wrong_clock(chance: random.Random) -> tuple[int, Mapping[str, str]]:
    """Choose how many seconds a process's clock is wrong, often none, and return that with its variables."""
    seconds = chance.choice((0, *WRONG_BY))
    variables = wrong_by(seconds)
    return (seconds if variables else 0), variables
