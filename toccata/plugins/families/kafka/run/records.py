"""Records as flows see them, and the partitions that they come from."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from toccata.plugin import RunContext, TaskFailed
from toccata.plugins.families.kafka import types
from toccata.plugins.families.kafka.run.client import ConsumerRecord, Partition, producer
from toccata.plugins.families.kafka.run.form import BadForm, read


def check(task: types.Reading, *, has_group: bool) -> None:
    """Raise TaskFailed."""
    if (task.topic is None) == (task.topic_pattern is None):
        raise TaskFailed("topic: give one of `topic` and `topicPattern`")
    if task.topic_pattern is not None:
        if not has_group:
            raise TaskFailed("groupId: is needed with `topicPattern`")
        try:
            re.compile(task.topic_pattern)
        except re.error as error:
            raise TaskFailed(f"topicPattern: {error}") from None


async def parts_of(task: types.Reading, client: Any) -> list[Any]:
    """Return the partitions of all topics that are meant now. Raise TaskFailed for a topic that does not exist."""
    topics = task.topic
    if topics is None:
        assert task.topic_pattern is not None
        cluster = await client._client.fetch_all_metadata()  # noqa: SLF001 - it asks for no topic that is not there
        topics = sorted(name for name in cluster.topics() if re.fullmatch(task.topic_pattern, name))
    return [
        Partition(topic, number)
        for topic in topics
        for number in (task.partitions or sorted(await numbers_of(client, topic)))
    ]


async def numbers_of(client: Any, topic: str) -> set[int]:
    cluster = await client._client.fetch_all_metadata()  # noqa: SLF001 - it asks for no topic that is not there
    found = cluster.partitions_for_topic(topic)
    if not found:
        raise TaskFailed(f"topic: `{topic}` does not exist")
    return set(found)


def instant(text: str) -> int:
    try:
        found = moment_of(text)
    except BadForm:
        raise TaskFailed(f"since: `{text}` is no time as 2031-01-02T03:04:05Z") from None
    return found or 0


def moment_of(value: Any) -> int | None:
    if value is None or isinstance(value, int):
        return value
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        raise BadForm(f"timestamp: `{value!s:.100}` is no time as 2031-01-02T03:04:05Z") from None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000)


async def row_of(
    task: types.Reading, run: RunContext, record: ConsumerRecord[Any, Any]
) -> dict[str, Any] | None:
    headers = [(name, value.decode("utf-8", "replace")) for name, value in record.headers]
    if any((name, value) not in headers for name, value in task.header_filters.items()):
        return None
    try:
        key, value = read(record.key, task.key_deserializer), read(record.value, task.value_deserializer)
    except BadForm as error:
        await _unread(task, run, record, str(error))
        return None
    return {
        "key": key,
        "value": value,
        "headers": [{"key": name, "value": text} for name, text in headers],
        "topic": record.topic,
        "partition": record.partition,
        "timestamp": datetime.fromtimestamp(record.timestamp / 1000, UTC),
        "offset": record.offset,
    }


async def _unread(task: types.Reading, run: RunContext, record: ConsumerRecord[Any, Any], why: str) -> None:
    place = f"{record.topic}, partition {record.partition}, offset {record.offset}"
    on_error = task.on_serde_error
    if on_error is None:
        raise TaskFailed(f"{place}: {why}")
    run.log("WARN", f"{place} is left out: {why}")
    if on_error.type == "DLQ":
        if not on_error.topic:
            raise TaskFailed("onSerdeError: DLQ needs a `topic`")
        servers = {
            name: value
            for name, value in task.properties.items()
            if name.startswith(("bootstrap.", "security.", "sasl.", "ssl."))
        }
        async with producer(run, servers, {}) as client:
            await client.send_and_wait(on_error.topic, record.value, record.key, headers=list(record.headers))
