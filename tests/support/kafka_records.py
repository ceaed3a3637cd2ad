"""Topics of one test, with Kafka's tasks and triggers on the worker's own runner."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import NewTopic

from contracts.execution import AttemptEnded
from tests.support.attempt import Bench
from tests.support.outcome import good, why
from tests.support.topics import delete_topics, fresh_prefix
from toccata.plugin import TaskType, TriggerType, read_row
from toccata.plugins.families.kafka.types import CONSUME, PRODUCE
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.topic_admin import connected_admin


class Topics:
    def __init__(self, folder: Path, servers: str, prefix: str) -> None:
        self.bench = Bench(folder)
        self.servers = servers
        self.orders = f"{prefix}orders"
        self.bad = f"{prefix}bad"
        self.properties = {"bootstrap.servers": servers, "auto.offset.reset": "earliest"}

    async def run(self, task: TaskType, **written: Any) -> AttemptEnded:
        return await self.bench.run(task, {"topic": self.orders, "properties": self.properties, **written})

    async def poll(
        self, trigger: TriggerType, number: int = 1, accepted: Sequence[str] = (), **written: Any
    ) -> AttemptEnded:
        given = {
            "topic": self.orders,
            "groupId": self.orders,
            "properties": self.properties,
            **written,
        }
        return await self.bench.poll(trigger, given, number, accepted)

    async def why(self, task: TaskType, **written: Any) -> str:
        return await why(self.bench, task, {"topic": self.orders, "properties": self.properties, **written})

    async def send(self, *rows: dict[str, Any], **more: Any) -> dict[str, Any]:
        return good(await self.run(PRODUCE, **{"from": list(rows), **more}))

    async def got(self, **written: Any) -> list[dict[str, Any]]:
        found = good(await self.run(CONSUME, **{"pollDuration": "PT1S", **written}))
        lines = (await self.bench.storage.get(found["uri"])).splitlines()
        assert found["messagesCount"] == len(lines)
        return [read_row(line, "row") for line in lines]


@pytest.fixture
async def topics(kafka: str, tmp_path: Path) -> AsyncIterator[Topics]:
    settings = KafkaSettings(bootstrap_servers=kafka, topic_prefix=fresh_prefix())
    found = Topics(tmp_path, kafka, settings.topic_prefix)
    admin = await connected_admin(settings)
    try:
        await admin.create_topics([NewTopic(found.orders, 2, 1), NewTopic(found.bad, 1, 1)])
    finally:
        await admin.close()
    yield found
    await delete_topics(settings)
