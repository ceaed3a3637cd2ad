"""Kafka's tasks on the worker's own runner, with Kafka itself."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.example import example
from tests.support.kafka_records import Topics, topics
from tests.support.outcome import good
from toccata.plugin import TaskType
from toccata.plugins.families.kafka.types import CONSUME, PRODUCE

__all__ = ["topics"]
pytestmark = pytest.mark.servers


async def test_records_come_back_as_they_were_sent(topics: Topics) -> None:
    written = {**example(PRODUCE), "topic": topics.orders, "properties": topics.properties}
    assert good(await topics.bench.run(PRODUCE, written)) == {"messagesCount": 2}
    rows = sorted(await topics.got(valueDeserializer="JSON"), key=lambda row: str(row["key"]))
    assert [(row["key"], row["value"]) for row in rows] == [("a", {"id": 1}), ("b", {"id": 2})]
    assert rows[0]["headers"] == [{"key": "origin", "value": "flow"}]
    assert rows[1]["timestamp"] == "2021-01-02T03:04:05Z"
    assert {row["topic"] for row in rows} == {topics.orders}
    assert {each.name for each in topics.bench.points} == {"records"}


async def test_a_group_goes_on_where_it_ended(topics: Topics) -> None:
    await topics.send(
        {"value": "1", "partition": 0}, {"value": "2", "partition": 0}, {"value": "3", "partition": 0}
    )
    first = await topics.got(groupId=topics.orders, maxRecords=2)
    assert [row["value"] for row in first] == ["1", "2"]
    assert [row["value"] for row in await topics.got(groupId=topics.orders)] == ["3"]
    assert await topics.got(groupId=topics.orders) == []
    # Without a group everything is read, every time.
    assert len(await topics.got()) == 3


async def test_rows_of_a_file_are_sent_and_what_was_read_can_be_sent_again(topics: Topics) -> None:
    await topics.send(
        *({"key": str(number), "value": str(number)} for number in range(2500)), transactional=False
    )
    found = good(await topics.run(CONSUME, pollDuration="PT1S"))
    assert found["messagesCount"] == 2500
    assert good(await topics.run(PRODUCE, **{"from": found["uri"], "topic": topics.bad})) == {
        "messagesCount": 2500
    }
    assert len(await topics.got(topic=topics.orders)) == 5000


async def test_a_transaction_that_fails_shows_nothing(topics: Topics) -> None:
    rows = [{"value": "seen?"}, {"value": "x", "timestamp": "soon"}]
    assert "is no time" in await topics.why(PRODUCE, **{"from": rows})
    assert await topics.got() == []
    await topics.send({"value": "yes"})
    assert [row["value"] for row in await topics.got()] == ["yes"]


async def test_partitions_times_and_patterns(topics: Topics) -> None:
    await topics.send(
        {"value": "old", "partition": 0, "timestamp": "2021-01-01T00:00:00Z"},
        {"value": "new", "partition": 0, "timestamp": "2021-02-01T00:00:00Z"},
        {"value": "other", "partition": 1, "timestamp": "2021-01-01T00:00:00Z"},
    )
    assert [row["value"] for row in await topics.got(partitions=[1])] == ["other"]
    assert [row["value"] for row in await topics.got(since="2021-01-15T00:00:00Z")] == ["new"]
    pattern = topics.orders.replace(".", "\\.")
    found = await topics.got(topic=None, topicPattern=pattern, groupId=f"{topics.orders}-pattern")
    assert len(found) == 3


async def test_numbers_and_bytes_keep_their_form(topics: Topics) -> None:
    for form, value in (
        ("LONG", 2**40),
        ("INTEGER", -5),
        ("DOUBLE", 1.5),
        ("BYTES", "AAE="),
        ("UUID", "0c1f3c5e-2f7c-4f0e-9d57-0b7d6c3c1a55"),
    ):
        await topics.send({"value": value, "key": 7}, valueSerializer=form, keySerializer="SHORT")
        [*_, row] = await topics.got(
            valueDeserializer=form, keyDeserializer="SHORT", groupId=topics.orders, maxRecords=1
        )
        assert (row["key"], row["value"]) == (7, value)
    assert "is no INTEGER" in await topics.why(
        PRODUCE, **{"from": {"value": "x"}, "valueSerializer": "INTEGER"}
    )


async def test_what_cannot_be_read_fails_is_left_out_or_goes_elsewhere(topics: Topics) -> None:
    await topics.send({"value": "{"}, {"value": "1"})
    refused = await topics.why(CONSUME, valueDeserializer="JSON", pollDuration="PT1S")
    assert "is no JSON" in refused
    assert refused.startswith(topics.orders)
    left = await topics.got(valueDeserializer="JSON", onSerdeError={"type": "SKIPPED"})
    assert [row["value"] for row in left] == [1]
    await topics.got(valueDeserializer="JSON", onSerdeError={"type": "DLQ", "topic": topics.bad})
    assert [row["value"] for row in await topics.got(topic=topics.bad)] == ["{"]


async def test_headers_choose_records(topics: Topics) -> None:
    await topics.send({"value": "a", "headers": {"to": "x"}}, {"value": "b", "headers": [{"to": "y"}]})
    assert [row["value"] for row in await topics.got(headerFilters={"to": "y"})] == ["b"]


@pytest.mark.parametrize(
    ("task", "written", "text"),
    [
        (PRODUCE, {"from": {"value": "x"}, "topic": "nowhere"}, "topic: `nowhere` does not exist"),
        (PRODUCE, {"from": {"value": "x"}, "topic": None}, "neither the task nor the record names one"),
        (PRODUCE, {"from": ["x"]}, "each record must be a map"),
        (CONSUME, {"topic": "nowhere"}, "topic: `nowhere` does not exist"),
        (CONSUME, {"topic": None}, "give one of `topic` and `topicPattern`"),
        (CONSUME, {"topic": None, "topicPattern": "x"}, "groupId: is needed"),
        (CONSUME, {"topic": None, "topicPattern": "(", "groupId": "g"}, "topicPattern: "),
        (CONSUME, {"since": "soon"}, "since: `soon` is no time"),
        (CONSUME, {"properties": {"client.id": "x"}}, "`bootstrap.servers` is missing"),
        (CONSUME, {"properties": {"bootstrap.servers": "127.0.0.1:1"}}, "Kafka: "),
        (
            CONSUME,
            {"properties": {"bootstrap.servers": "x:1", "ssl.truststore.location": "AAA"}},
            "give certificates in PEM",
        ),
        (
            CONSUME,
            {"properties": {"bootstrap.servers": "x:1", "sasl.jaas.config": "none"}},
            "must have a username and a password",
        ),
        (
            CONSUME,
            {"properties": {"bootstrap.servers": "x:1", "max.poll.records": "many"}},
            "must be a number",
        ),
    ],
)
async def test_failures_say_why(topics: Topics, task: TaskType, written: dict[str, Any], text: str) -> None:
    assert text in await topics.why(task, **written)


async def test_a_property_without_effect_is_named(topics: Topics) -> None:
    await topics.send({"value": "x"})
    await topics.got(properties={**topics.properties, "metric.reporters": "x"})
    assert ("WARN", "The property `metric.reporters` has no effect here") in topics.bench.messages
