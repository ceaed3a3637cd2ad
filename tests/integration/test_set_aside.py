"""A real process that an input kills: the input is set aside, is visible, and can be sent again."""

from __future__ import annotations

import asyncio
import json

import pytest

from contracts import codec
from tests.support.counter import Add, Added
from tests.support.deadly import MILD, one_letter, process, toccata
from tests.support.topics import own_topics
from toccata.runtime.fetch import Reader
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.settings import KafkaSettings

pytestmark = pytest.mark.servers
NEEDED = (
    "triggers.commands",
    "triggers.journal",
    "triggers.snapshots",
    "triggers.events",
    "events",
    "dead",
    "ownership.triggers",
)
EVENTS: codec.Codec[Added] = codec.Codec(Added)
HOST = "tests.support.deadly_host"


async def totals(settings: KafkaSettings, wanted: int) -> dict[str, int]:
    """Read public events until so many different ones are there, and return the last total by name."""
    reader = Reader(settings, "test-subscriber")
    await reader.assign({("triggers.events", n): "earliest" for n in range(8)})
    seen: dict[bytes, Added] = {}
    async with asyncio.timeout(60):
        while len(seen) < wanted:
            for records in (await reader.poll()).values():
                for record in records:
                    seen[dict(record.headers)["ce_id"]] = EVENTS.decode(record.value)
    await reader.stop()
    found: dict[str, int] = {}
    for event in seen.values():
        found[event.name] = max(found.get(event.name, 0), event.total)
    return found


async def test_an_input_that_kills_the_process_is_set_aside_and_can_be_sent_again(kafka):
    settings = await own_topics(kafka, NEEDED)
    producer = Producer(settings, "test-user")
    # One key, so one partition: the fatal record stands between others.
    adds = [Add(name=name, amount=1) for name in ("before", "poison", "after", "after")]
    await producer.send("triggers.commands", [Record(b"key", codec.encode(each)) for each in adds])
    await producer.stop()

    deaths, letter = 0, None
    while letter is None:
        assert deaths <= 5, "three deaths announced, and at most two before that"
        async with process(HOST, settings.bootstrap_servers, settings.topic_prefix) as running:
            letter = await one_letter(settings, running)
            if letter is not None:
                found = await totals(settings, 3)
        deaths += letter is None

    assert deaths >= 3
    assert found == {"before": 1, "after": 2}
    assert letter.letter.topic == "triggers.commands"
    assert letter.letter.reason == "3 processes died while they decided it"
    assert codec.Codec(Add).decode(letter.letter.value.encode()).name == "poison"

    async with process(HOST, settings.bootstrap_servers, settings.topic_prefix, MILD):
        listed = await toccata(settings, "dead", "list", "-o", "json")
        await toccata(settings, "dead", "redrive", str(letter.number), "--yes")
        assert (await totals(settings, 4))["poison"] == 1
    assert json.loads(listed)[0]["reason"] == letter.letter.reason
