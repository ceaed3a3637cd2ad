"""Publishes one CloudEvent, and says which triggers wait for such an event."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson

from contracts.cloudevent import Headers, binary_headers
from contracts.scalars import to_iso
from toccata.cli.errors import MISUSED, CommandError
from toccata.cli.event.listener import say_listeners
from toccata.cli.event.topic import CLIENT, partitions_of, reached, writer_of
from toccata.cli.option import Form
from toccata.cli.output import say, say_item
from toccata.cli.target.reach import kafka_of
from toccata.cli.target.value import Target
from toccata.runtime.clock import now_ms
from toccata.runtime.errors import RecordTooLarge
from toccata.runtime.kafka import Producer, Record, partition_of
from toccata.runtime.settings import KafkaSettings

_DEADLINE_SECONDS = 15.0


@dataclass(frozen=True, slots=True)
class Event:
    """A CloudEvent from the command line. ``data`` is JSON, ``@file``, or ``@-`` for standard input."""

    type: str
    source: str
    subject: str | None = None
    id: str | None = None
    data: str | None = None


def publish(target: Target, event: Event, topic: str, form: Form) -> None:
    """Print id and coordinates after the broker has acknowledged it."""
    kafka = kafka_of(target, writer_of(topic))
    event_id = event.id or str(uuid4())
    headers = _headers(event, event_id)
    value = _data(event.data)
    coordinates = asyncio.run(_publish(kafka, topic, Record(_key(event), value, headers), event_id))
    if form != "table":
        say_item({"id": event_id, **coordinates}, form)
        return
    place = f"{coordinates['topic']}, partition {coordinates['partition']}, offset {coordinates['offset']}"
    say(("published", "green"), f" {event_id} to {place}")
    say_listeners(target, event.type, event.source, event.subject or "", topic)


async def _publish(kafka: KafkaSettings, topic: str, record: Record, event_id: str) -> dict[str, Any]:
    async with reached(kafka):
        producer = Producer(kafka, CLIENT, deadline_seconds=_DEADLINE_SECONDS)
        try:
            await producer.start()
            partitions = await partitions_of(kafka, topic)
            number = partition_of(record.key or event_id.encode(), len(partitions))
            acks = await producer.send_to(topic, number, [record])
        except RecordTooLarge as error:
            raise CommandError(
                f"The event is too large: {error}.", "Store the data elsewhere, send a reference."
            ) from error
        finally:
            await producer.stop()
    return {"topic": producer.topic(topic), "partition": number, "offset": acks[0][0]}


def _headers(event: Event, event_id: str) -> Headers:
    for name, text in (("--id", event_id), ("--type", event.type), ("--source", event.source)):
        if not text.strip():
            raise CommandError(f"{name} is empty.", "A CloudEvent has an id, a type and a source.", MISUSED)
    headers = binary_headers(event_id, event.type, event.source, to_iso(now_ms()), event.subject or "")
    return headers if event.subject else [header for header in headers if header[0] != "ce_subject"]


def _key(event: Event) -> bytes | None:
    return event.subject.encode() if event.subject else None


def _data(given: str | None) -> bytes | None:
    """Check that it is JSON, and send it as written."""
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
