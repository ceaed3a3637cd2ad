"""An event that kills the real trigger-listener is set aside, its neighbours start their executions, and it can be sent again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from contracts.cloudevent import binary_headers
from contracts.scalars import to_iso
from tests.integration.test_trigger_listener import World, world
from tests.support.deadly import MILD, one_letter, process, toccata
from toccata.runtime.dead_letter import dead_letter
from toccata.runtime.fetch import Reader
from toccata.runtime.kafka import Record

pytestmark = pytest.mark.servers
LISTENER = "tests.support.deadly_listener"


async def publish(w: World, event_id: str) -> None:
    headers = binary_headers(event_id, "order.created", "/shop", to_iso(0), "orders/1")
    await w.producer.send("events", [Record(b"same", b'"%s"' % event_id.encode(), headers)])


async def ids(w: World, count: int) -> set[object]:
    return {start.trigger.variables["id"] for start in await w.starts(count) if start.trigger}


async def test_an_event_that_kills_the_listener_is_set_aside_and_can_be_sent_again(
    kafka: str, tmp_path: Path
) -> None:
    async with world(kafka) as w:
        variables = {
            "TOCCATA_KAFKA_BOOTSTRAP_SERVERS": w.kafka.bootstrap_servers,
            "TOCCATA_KAFKA_TOPIC_PREFIX": w.kafka.topic_prefix,
            "TOCCATA_HOME": str(tmp_path),
            "TOCCATA_HEALTH_PORT": "0",
        }
        await w.save("hello", {})
        for event_id in ("before", "poison", "after"):
            await publish(w, event_id)
        deaths, letter = 0, None
        while letter is None:
            assert deaths <= 5, "three deaths announced, and at most two before that"
            async with process(LISTENER, variables=variables) as running:
                letter = await one_letter(w.kafka, running)
                if letter is not None:
                    assert await ids(w, 2) == {"before", "after"}
            deaths += letter is None

        assert deaths >= 3
        assert (letter.letter.topic, letter.letter.offset) == ("events", 1)
        assert letter.letter.reason == "3 processes died while they decided it"

        async with process(LISTENER, MILD, variables=variables):
            await toccata(w.kafka, "dead", "redrive", str(letter.number), "--yes")
            assert await ids(w, 3) == {"before", "after", "poison"}


async def test_a_record_of_a_topic_that_a_trigger_names_goes_back_to_its_partition(kafka: str) -> None:
    async with world(kafka) as w:
        topic = f"{w.kafka.topic_prefix}shop"
        admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
        await admin.start()
        await admin.create_topics([NewTopic(topic, 3, 1)])
        await admin.close()
        await w.producer.send(topic, [Record(None, b"1", [("x", b"y")], partition=2)])
        await w.producer.send("dead", [Record(b"events", dead_letter(topic, 2, 0, "why", None, b"1"))])

        await toccata(w.kafka, "dead", "redrive", "0", "--yes")

        reader = Reader(w.kafka, "test-subscriber")
        await reader.assign({(topic, 2): 1})
        async with asyncio.timeout(20):
            while not (found := await reader.poll(500)):
                pass
        await reader.stop()
        (again,) = found[topic, 2]
        assert (again.key, again.value, list(again.headers)) == (None, b"1", [("x", b"y")])
