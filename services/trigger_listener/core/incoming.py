"""Reads a Kafka record as the event that triggers see. It is a CloudEvent, or on a topic that a trigger names any plain value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from contracts.cloudevent import CloudEvent, InvalidCloudEvent, read_binary
from contracts.json_text import NotJson, loads
from contracts.scalars import JsonObject, to_iso
from contracts.trace import TRACE_HEADER, trace_parent

EVENTS = "events"
"""Our own topic for events from outside. It only accepts CloudEvents."""


class EventRecord(Protocol):
    """A record, as any reader returns it."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp_ms(self) -> int: ...
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Sequence[tuple[str, bytes]]: ...


@dataclass(frozen=True, slots=True)
class IncomingEvent:
    type: str
    """Empty for plain values."""
    source: str
    subject: str
    id: str
    variables: JsonObject
    """The variables ``trigger.*``."""
    trace_parent: str | None = None


def read_event(record: EventRecord) -> IncomingEvent:
    """Read a record. Raise InvalidCloudEvent with the reason. The coordinates of a plain value are its identity."""
    cloud = read_binary(record.headers, record.value)
    if cloud is None:
        if record.topic == EVENTS:
            raise InvalidCloudEvent(
                "the record has no ce_* headers: the topic events accepts CloudEvents in Kafka's binary mode"
            )
        identity = f"{record.topic}/{record.partition}/{record.offset}"
        cloud = CloudEvent(identity, f"kafka:{record.topic}", "", _plain(record.value))
    return IncomingEvent(
        cloud.type,
        cloud.source,
        cloud.subject or "",
        cloud.id,
        {
            "type": cloud.type,
            "source": cloud.source,
            "subject": cloud.subject,
            "id": cloud.id,
            "time": cloud.time or to_iso(max(record.timestamp_ms, 0)),
            "data": cloud.data,
            "headers": {name: raw.decode("utf-8", "replace") for name, raw in record.headers},
        },
        trace_parent((cloud.extensions or {}).get(TRACE_HEADER)),
    )


def _plain(value: bytes | None) -> Any:
    """Return JSON, else text. A foreign topic may hold anything that can be shown."""
    if not value:
        return None
    try:
        return loads(value)
    except NotJson:
        pass
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise InvalidCloudEvent("the value is neither JSON nor UTF-8 text") from error
