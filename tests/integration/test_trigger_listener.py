"""Trigger-listener as a service on a real broker: events, schedules, restarts, bad input."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from contracts import codec
from contracts.cloudevent import binary_headers
from contracts.codec import Codec
from contracts.execution import StartExecution
from contracts.language.types.trigger.event import EVENT
from contracts.language.types.trigger.schedule import SCHEDULE
from contracts.registry import FlowState
from contracts.scalars import to_iso, trigger_key
from contracts.topics import TOPICS
from contracts.trigger import DefineTrigger, SetTriggerDisabled
from services.trigger_listener.__main__ import serve
from services.trigger_listener.settings import TriggerListenerSettings
from tests.support.topics import own_topics
from toccata.runtime.fetch import Fetched, Reader
from toccata.runtime.group_position import GroupPositions
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.settings import KafkaSettings

pytestmark = pytest.mark.servers
NEEDED = (
    "events",
    "executions.admitted",
    "executions.events",
    "triggers.commands",
    "triggers.journal",
    "triggers.snapshots",
    "triggers.events",
    "flows.state",
    "dead",
    "replies",
    "ownership.triggers",
)


@asynccontextmanager
async def serving(kafka: KafkaSettings, home: Path, instance: str = "one") -> AsyncIterator[None]:
    settings = TriggerListenerSettings(home=home, instance=instance)
    stop = asyncio.Event()
    task = asyncio.ensure_future(serve(settings, kafka, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 30)


class World:
    """The topics, which are all that a user sees of it."""

    def __init__(self, kafka: KafkaSettings) -> None:
        self.kafka = kafka
        self.producer = Producer(kafka, "test-user")
        self._revisions: dict[str, int] = {}

    async def save(self, flow_id: str, *triggers: dict[str, object]) -> None:
        self._revisions[flow_id] = revision = self._revisions.get(flow_id, 0) + 1
        written = [{"id": f"t{n}", "type": EVENT.name} | trigger for n, trigger in enumerate(triggers)]
        tasks = [{"id": "say", "type": "io.kestra.plugin.core.log.Log", "message": "hi"}]
        source = {"id": flow_id, "namespace": "company.team", "tasks": tasks, "triggers": written}
        now = time.time_ns() // 1_000_000
        state = FlowState(
            namespace="company.team",
            flow_id=flow_id,
            revision=revision,
            source=orjson.dumps(source).decode(),
            at=now,
            created_at=now,
        )
        record = Record(f"company.team/{flow_id}@{revision}".encode(), codec.encode(state))
        await self.producer.send("flows.state", [record])

    async def publish(self, event_id: str, event_type: str = "order.created", data: bytes = b"{}") -> None:
        headers = binary_headers(event_id, event_type, "/shop", to_iso(0), "orders/1")
        await self.producer.send("events", [Record(event_id.encode(), data, headers)])

    async def starts(self, count: int, *, seconds: float = 20) -> list[StartExecution]:
        """Return the first ``count`` different executions, in any order."""
        found: dict[str, StartExecution] = {}
        async for fetched in self.read("executions.admitted", seconds):
            start = Codec[StartExecution](StartExecution).decode(fetched.value)
            found[start.execution_id] = start
            if len(found) == count:
                return list(found.values())
        raise AssertionError(f"{len(found)} of {count} starts")

    async def dead(self, count: int) -> list[dict[str, object]]:
        found: list[dict[str, object]] = []
        async for fetched in self.read("dead", 20):
            found.append(orjson.loads(fetched.value or b"{}"))
            if len(found) == count:
                return found
        raise AssertionError(f"{len(found)} of {count} dead letters")

    async def read(self, topic: str, seconds: float) -> AsyncIterator[Fetched]:
        reader = Reader(self.kafka, "test-subscriber")
        await reader.assign({(topic, n): "earliest" for n in range(TOPICS[topic].partitions)})
        try:
            async with asyncio.timeout(seconds):
                while True:
                    for records in (await reader.poll(100)).values():
                        for record in records:
                            yield record
        finally:
            await reader.stop()


@asynccontextmanager
async def world(bootstrap: str) -> AsyncIterator[World]:
    world = World(await own_topics(bootstrap, NEEDED))
    try:
        yield world
    finally:
        await world.producer.stop()


async def test_an_event_starts_a_flow_that_was_saved_just_before(kafka: str, tmp_path: Path) -> None:
    async with world(kafka) as w, serving(w.kafka, tmp_path):
        for number in range(10):
            await w.save(
                f"f{number}", {"eventType": f"type.{number}", "inputs": {"n": "{{ trigger.data.n }}"}}
            )
            await w.publish(f"e{number}", f"type.{number}", b'{"n": %d}' % number)

        starts = await w.starts(10)

    assert {(s.flow_id, s.inputs["n"]) for s in starts} == {(f"f{n}", str(n)) for n in range(10)}


async def test_the_same_event_again_is_the_same_execution_over_a_restart(kafka: str, tmp_path: Path) -> None:
    async with world(kafka) as w:
        await w.save("hello", {})
        async with serving(w.kafka, tmp_path):
            await w.publish("e1")
            await w.starts(1)
        await w.publish("e1")
        await w.publish("e2")
        async with serving(w.kafka, tmp_path):
            starts = await w.starts(2)

    assert len({start.execution_id for start in starts}) == 2


async def test_bad_events_go_to_the_dead_letters_and_the_next_ones_start(kafka: str, tmp_path: Path) -> None:
    async with world(kafka) as w, serving(w.kafka, tmp_path):
        await w.save("hello", {}, {"when": "{{ trigger.data.missing.deep }}"})
        headers = binary_headers("bad", "x", "/shop", to_iso(0), "s")
        await w.producer.send(
            "events",
            [
                Record(b"k", b"garbage"),
                Record(b"k", b"{not json", headers),
                Record(b"k", b'"' + b"x" * 600_000 + b'"', headers),
            ],
        )
        await w.publish("good", "k")

        dead = await w.dead(3)
        (start,) = await w.starts(1)

    assert start.trigger is not None
    assert start.trigger.variables["id"] == "good"
    assert [
        "ce_" in str(dead[0]["reason"]),
        "not JSON" in str(dead[1]["reason"]),
        "bytes" in str(dead[2]["reason"]),
    ] == [True] * 3


async def test_a_named_topic_is_noticed_when_it_is_created(kafka: str, tmp_path: Path) -> None:
    from aiokafka.admin import AIOKafkaAdminClient, NewTopic

    async with world(kafka) as w, serving(w.kafka, tmp_path):
        topic = f"{w.kafka.topic_prefix}shop"
        await w.save("hello", {"topic": topic, "when": "{{ trigger.data.n > 1 }}"})
        await w.publish("passes by")
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        await admin.create_topics([NewTopic(topic, 3, 1)])
        await admin.close()
        plain = [Record(None, b'{"n": %d}' % n, partition=n % 3) for n in range(4)]
        await w.producer.send(topic, plain)

        starts = await w.starts(2)

    assert {start.trigger.variables["id"] for start in starts if start.trigger} == {
        f"{topic}/2/0",
        f"{topic}/0/1",
    }


async def test_offsets_are_committed_once_the_starts_are_acknowledged(kafka: str, tmp_path: Path) -> None:
    async with world(kafka) as w:
        async with serving(w.kafka, tmp_path):
            await w.save("hello", {})
            for number in range(30):
                await w.publish(f"e{number}")
            await w.starts(30)
        positions = GroupPositions(w.kafka, "test", w.kafka.topic_prefix + "events")
        committed = await positions.committed([("events", n) for n in range(8)])
        await positions.stop()

    assert sum(committed.values()) == 30


async def test_a_schedule_fires_every_slot_once_over_a_restart(kafka: str, tmp_path: Path) -> None:
    async with world(kafka) as w:
        define = DefineTrigger(
            namespace="company.team",
            flow_id="tick",
            revision=1,
            trigger_id="every",
            trigger_type=SCHEDULE.name,
            definition={"cron": "* * * * * *", "withSeconds": True, "allowConcurrent": True},
            at=time.time_ns() // 1_000_000,
        )
        key = trigger_key("company.team", "tick", "every").encode()
        async with serving(w.kafka, tmp_path):
            await w.producer.send("triggers.commands", [Record(key, codec.encode(define))])
            await w.starts(3)
        async with serving(w.kafka, tmp_path):
            starts = await w.starts(8, seconds=30)

    dates = sorted(str(start.trigger.variables["date"]) for start in starts if start.trigger)
    nexts = sorted(str(start.trigger.variables["next"]) for start in starts if start.trigger)
    assert dates[1:] == nexts[:-1], "one after the other, none missing"


async def test_a_trigger_that_was_disabled_through_the_api_starts_nothing(kafka: str, tmp_path: Path) -> None:
    names: Any = {"namespace": "company.team", "flow_id": "quiet", "trigger_id": "t0"}
    key = trigger_key(*names.values()).encode()
    async with world(kafka) as w:
        define = DefineTrigger(
            **names, revision=1, trigger_type=EVENT.name, definition={}, at=1, disabled=False
        )
        disable = SetTriggerDisabled(**names, disabled=True, at=2, request_id="r", reply_to=0)
        await w.save("quiet", {})
        await w.save("loud", {})
        async with serving(w.kafka, tmp_path):
            commands = [Record(key, codec.encode(message)) for message in (define, disable)]
            await w.producer.send("triggers.commands", commands)
            async for _ in w.read("replies", 20):
                break
            await w.publish("e1")
            first = await w.starts(1)
        # The restarted service knows it from its journal before it reads events.
        async with serving(w.kafka, tmp_path):
            await w.publish("e2")
            starts = await w.starts(2)

    assert {start.flow_id for start in first + starts} == {"loud"}


@pytest.mark.slow
async def test_two_replicas_share_the_events_and_one_takes_over_all(kafka: str, tmp_path: Path) -> None:
    async with world(kafka) as w:
        await w.save("hello", {})
        async with serving(w.kafka, tmp_path, "one"):
            async with serving(w.kafka, tmp_path, "two"):
                for number in range(50):
                    await w.publish(f"e{number}")
                await w.starts(50, seconds=40)
            # Static membership: the partitions of the replica that left are reassigned once its session ends.
            for number in range(50, 100):
                await w.publish(f"e{number}")
            starts = await w.starts(100, seconds=60)

    assert len({start.execution_id for start in starts}) == 100
