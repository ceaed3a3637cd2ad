"""Kafka's triggers on the worker's own runner, with Kafka itself."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from contracts.execution import AttemptEnded
from contracts.polling import FOUND_BYTES
from tests.support.example import example
from tests.support.kafka_records import Topics, topics
from toccata.plugin import read_row
from toccata.plugins.families.kafka.types import REALTIME_TRIGGER, TRIGGER

__all__ = ["topics"]
pytestmark = pytest.mark.servers


def ids(ended: AttemptEnded) -> list[str]:
    return [event.id for event in ended.found]


def values(ended: AttemptEnded) -> list[Any]:
    return [event.variables["value"] for event in ended.found]


async def test_each_record_is_an_event_that_is_given_until_it_is_accepted(topics: Topics) -> None:
    written = {**example(REALTIME_TRIGGER), "topic": topics.orders, "properties": topics.properties}
    await topics.send(
        {"key": "a", "value": "1", "partition": 0, "headers": {"h": "x"}}, {"value": "2", "partition": 0}
    )

    first = await topics.bench.poll(REALTIME_TRIGGER, written)
    again = await topics.bench.poll(REALTIME_TRIGGER, written, 2)

    assert ids(first) == ids(again) == [f"{topics.orders}/0:1", f"{topics.orders}/0:2"]
    event, _ = first.found
    assert {**event.variables, "timestamp": ""} == {
        "key": "a",
        "value": 1,
        "headers": [{"key": "h", "value": "x"}],
        "topic": topics.orders,
        "partition": 0,
        "timestamp": "",
        "offset": 0,
    }
    await topics.send({"value": "3", "partition": 0})
    third = await topics.bench.poll(REALTIME_TRIGGER, written, 3, ids(first))
    assert values(third) == [3]


async def test_it_waits_for_the_first_record(topics: Topics) -> None:
    waiting = asyncio.ensure_future(topics.poll(REALTIME_TRIGGER))
    await topics.send({"value": "late"})
    assert values(await waiting) == ["late"]


async def test_what_comes_between_two_polls_of_a_new_group_is_not_missed(topics: Topics) -> None:
    latest = {**topics.properties, "auto.offset.reset": "latest"}
    await topics.send({"value": "before", "partition": 0})
    waiting = asyncio.ensure_future(topics.poll(REALTIME_TRIGGER, properties=latest))

    async def begun() -> None:
        while not waiting.done():
            await topics.send({"value": "after", "partition": 0})

    await asyncio.wait_for(begun(), 60)
    assert set(values(await waiting)) == {"after"}
    again = await topics.poll(REALTIME_TRIGGER, 2, properties=latest)
    assert ids(again)[: len(ids(await waiting))] == ids(await waiting)


async def test_records_that_are_not_wanted_are_passed(topics: Topics) -> None:
    await topics.send(
        {"value": "a", "partition": 0},
        {"value": "b", "partition": 0, "headers": {"to": "me"}},
        {"value": "c", "partition": 1},
    )
    found = await topics.poll(REALTIME_TRIGGER, headerFilters={"to": "me"})
    assert values(found) == ["b"]
    assert values(await topics.poll(REALTIME_TRIGGER, 2)) == ["b"]


async def test_more_than_fits_comes_with_the_next_polls(topics: Topics) -> None:
    large = "x" * (FOUND_BYTES // 5)
    await topics.send(*({"value": f"{number}{large}", "partition": 0} for number in range(7)))
    seen: list[str] = []
    accepted: list[str] = []
    for number in range(1, 5):
        found = await topics.poll(REALTIME_TRIGGER, number, accepted)
        accepted = ids(found)
        seen += [value[0] for value in values(found)]
    assert seen == list("0123456")


async def test_a_record_that_no_event_can_hold_fails_with_its_place(topics: Topics) -> None:
    await topics.send({"value": "x" * FOUND_BYTES, "partition": 0})
    ended = await topics.poll(REALTIME_TRIGGER)
    assert ended.outcome == "failed"
    assert ended.message.startswith(f"{topics.orders}, partition 0, offset 0: the record has 204,")


async def test_a_polled_trigger_gives_a_file_until_it_is_accepted(topics: Topics) -> None:
    await topics.send({"value": "1", "partition": 0}, {"value": "2", "partition": 1})

    async def poll(number: int, accepted: list[str]) -> tuple[list[str], list[Any]]:
        ended = await topics.poll(TRIGGER, number, accepted, pollDuration="PT1S")
        rows = []
        for event in ended.found:
            lines = (await topics.bench.storage.get(event.variables["uri"])).splitlines()
            assert event.variables["messagesCount"] == len(lines)
            rows += [read_row(line, "row")["value"] for line in lines]
        return ids(ended), sorted(rows)

    found = (f"{topics.orders}/0:1;{topics.orders}/1:1", ["1", "2"])
    assert await poll(1, []) == ([found[0]], found[1])
    assert await poll(2, []) == ([found[0]], found[1])
    assert await poll(3, [found[0]]) == ([], [])


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ({"topic": "nowhere"}, "topic: `nowhere` does not exist"),
        ({"topic": None, "topicPattern": "no-such-.*"}, "no topic is named"),
        ({"topic": None}, "give one of `topic` and `topicPattern`"),
        ({"properties": {"bootstrap.servers": "127.0.0.1:1"}}, "Kafka: "),
    ],
)
async def test_failures_say_why(topics: Topics, written: dict[str, Any], text: str) -> None:
    ended = await topics.poll(REALTIME_TRIGGER, **written)
    assert ended.outcome == "failed"
    assert text in ended.message
