"""An event that kills the real trigger-listener is set aside, its neighbours start their executions, and it can be sent again."""

from __future__ import annotations

from pathlib import Path

import pytest

from contracts.cloudevent import binary_headers
from contracts.scalars import to_iso
from tests.integration.test_trigger_listener import World, world
from tests.support.deadly import MILD, one_letter, process, toccata
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
