"""``toccata events``: publish CloudEvents and read topics, over Kafka alone, so that both work without web."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from uuid import uuid4

import orjson

from contracts.cloudevent import Headers, binary_headers
from contracts.scalars import to_iso
from contracts.topics import TOPICS
from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.output import clock, err, out, say, say_json_line, state
from toccata.cli.settings import read_settings
from toccata.runtime.clock import now_ms
from toccata.runtime.errors import RecordTooLarge, Transient
from toccata.runtime.fetch import Fetched, Reader
from toccata.runtime.group_position import GroupPositions
from toccata.runtime.kafka import Producer, Record, partition_of
from toccata.runtime.log import configure
from toccata.runtime.settings import KafkaSettings

EVENTS = "events"
_CLIENT = "toccata-cli"
_DEADLINE_SECONDS = 15.0
_RETRY_SECONDS = 1.0
_SUMMARY = (
    *("state", "outcome", "task_id", "flow_id", "namespace", "trigger_id", "task_run_id", "attempt"),
    *("revision", "reason", "message", "worker_id", "topic", "partition", "offset"),
)
"""Fields of our own messages that a person looks for, in this order."""


@dataclass(frozen=True, slots=True)
class Event:
    """A CloudEvent as given on the command line; ``data`` is JSON, or ``@file``, or ``@-`` for standard input."""

    type: str
    source: str
    subject: str | None = None
    id: str | None = None
    data: str | None = None


@dataclass(frozen=True, slots=True)
class Window:
    """Which records of a topic."""

    start: Literal["earliest", "latest"] = "latest"
    execution: str | None = None
    count: int | None = None
    """Stop after so many."""


def publish(event: Event, topic: str, *, as_json: bool) -> None:
    """Prints id and coordinates once the broker has acknowledged it."""
    event_id = event.id or str(uuid4())
    headers = _headers(event, event_id)
    value = _data(event.data)
    coordinates = asyncio.run(
        _publish(read_settings().kafka(), topic, Record(_key(event), value, headers), event_id)
    )
    if as_json:
        say_json_line({"id": event_id, **coordinates})
        return
    place = f"{coordinates['topic']}, partition {coordinates['partition']}, offset {coordinates['offset']}"
    say(("published", "green"), f" {event_id} to {place}")


def tail(topic: str, window: Window, *, as_json: bool) -> None:
    """Until interrupted, or ``count`` records."""
    if topic in TOPICS and TOPICS[topic].visibility == "private":
        raise CommandError(
            f"Topic {topic} is private: its records are no contract.",
            f"Public ones are {', '.join(name for name, t in TOPICS.items() if t.visibility != 'private')}.",
            MISUSED,
        )
    if window.execution and topic in TOPICS and TOPICS[topic].key != "execution id":
        raise CommandError(
            f"Records of topic {topic} belong to no execution.", "Leave --execution out.", MISUSED
        )
    asyncio.run(_tail(read_settings().kafka(), topic, window, as_json=as_json))


async def _publish(kafka: KafkaSettings, topic: str, record: Record, event_id: str) -> dict[str, Any]:
    producer = Producer(kafka, _CLIENT, deadline_seconds=_DEADLINE_SECONDS)
    async with _reached():
        try:
            await producer.start()
            partitions = await _partitions(kafka, topic)
            number = partition_of(record.key or event_id.encode(), len(partitions))
            acks = await producer.send_to(topic, number, [record])
        except RecordTooLarge as error:
            raise CommandError(
                f"The event is too large: {error}.", "Store the data elsewhere, send a reference."
            ) from error
        finally:
            await producer.stop()
    return {"topic": producer.topic(topic), "partition": number, "offset": acks[0][0]}


async def _tail(kafka: KafkaSettings, topic: str, window: Window, *, as_json: bool) -> None:
    async with _reached():
        numbers = await _partitions(kafka, topic)
    key = window.execution.encode() if window.execution else None
    if key is not None:
        numbers = [partition_of(key, len(numbers))]
    reader = Reader(kafka, _CLIENT)
    shown = 0
    try:
        async with _reached():
            await reader.assign({(topic, number): window.start for number in numbers})
        async for record in _records(reader):
            if key is not None and record.key != key:
                continue
            _say_record(record, as_json=as_json)
            shown += 1
            if shown == window.count:
                return
    finally:
        await reader.stop()


async def _records(reader: Reader) -> AsyncIterator[Fetched]:
    """As they come; what one poll gives in the order of time. The broker may go away and come back."""
    away = False
    while True:
        try:
            batches = await reader.poll(1000)
        except Transient as error:
            if not away:
                err.print(f"waiting for Kafka: {error}", style="yellow")
            away = True
            await asyncio.sleep(_RETRY_SECONDS)
            continue
        away = False
        for record in sorted((r for batch in batches.values() for r in batch), key=lambda r: r.timestamp_ms):
            yield record


async def _partitions(kafka: KafkaSettings, topic: str) -> list[int]:
    """Of a topic of ours or of anybody. Raises CommandError when it does not exist."""
    groups = GroupPositions(kafka, _CLIENT, _CLIENT)
    try:
        found = await groups.partitions([topic])
    finally:
        await groups.stop()
    if topic not in found:
        advice = (
            "Create it with `toccata topics create`."
            if topic in TOPICS
            else "Create it with Kafka's own tools."
        )
        raise CommandError(
            f"There is no topic {kafka.topic_prefix if topic in TOPICS else ''}{topic}.", advice
        )
    return found[topic]


@asynccontextmanager
async def _reached() -> AsyncIterator[None]:
    """Inside, an absent broker is a CommandError."""
    configure("cli", "error")
    try:
        yield
    except Transient as error:
        raise CommandError(
            str(error),
            "Start it (`toccata standalone` has one), or set TOCCATA_KAFKA_BOOTSTRAP_SERVERS.",
        ) from error


def _headers(event: Event, event_id: str) -> Headers:
    for name, text in (("--id", event_id), ("--type", event.type), ("--source", event.source)):
        if not text.strip():
            raise CommandError(f"{name} is empty.", "A CloudEvent has an id, a type and a source.", MISUSED)
    headers = binary_headers(event_id, event.type, event.source, to_iso(now_ms()), event.subject or "")
    return headers if event.subject else [header for header in headers if header[0] != "ce_subject"]


def _key(event: Event) -> bytes | None:
    return event.subject.encode() if event.subject else None


def _data(given: str | None) -> bytes | None:
    """Checked to be JSON, and sent as it was written."""
    if given is None:
        return None
    origin = "--data"
    content = given.encode()
    if given.startswith("@"):
        origin = given[1:]
        try:
            content = sys.stdin.buffer.read() if origin == "-" else Path(origin).read_bytes()
        except OSError as error:
            raise CommandError(
                f"{origin} cannot be read: {error.strerror}.", "Name a file after the @.", MISUSED
            ) from error
    try:
        orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise CommandError(
            f"{origin} is not JSON: {error}.",
            "Quote it for the shell, or put it into a file: --data @file.json",
            MISUSED,
        ) from error
    return content


def _say_record(record: Fetched, *, as_json: bool) -> None:
    headers = {name: raw.decode(errors="replace") for name, raw in record.headers}
    key = record.key.decode(errors="replace") if record.key is not None else None
    value = _value(record.value)
    if as_json:
        say_json_line(
            {
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "timestamp": to_iso(record.timestamp_ms),
                "key": key,
                "headers": headers,
                "value": value,
            }
        )
        return
    kind = headers.get("ce_type") or (value.get("type") if isinstance(value, dict) else None) or "-"
    say(
        (clock(record.timestamp_ms), "dim"),
        f"  {key or '-':<22} ",
        (f"{kind:<22}", "bold"),
        *_summary(record, value),
    )
    out.file.flush()


def _value(raw: bytes | None) -> Any:
    """JSON as it is, other text as text."""
    if raw is None:
        return None
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        return raw.decode(errors="replace")


def _summary(record: Fetched, value: Any) -> list[str | tuple[str, str]]:
    if record.topic == "attempts.logs" and isinstance(value, dict):
        lines = value.get("lines", [])
        said = " | ".join(f"{line.get('level')} {line.get('message')}" for line in lines)
        return [f" {value.get('task_id', '-')}: {said}"]
    if record.topic in TOPICS and record.topic != EVENTS and isinstance(value, Mapping):
        parts: list[str | tuple[str, str]] = []
        for name in _SUMMARY:
            if value.get(name) not in (None, ""):
                parts += [" ", state(str(value[name])) if name == "state" else f"{name}={value[name]}"]
        return parts
    return ["" if value is None else f" {orjson.dumps(value).decode()}"]
