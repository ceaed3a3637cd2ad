"""A Kafka record as the event that triggers see: a CloudEvent, or on topics that a trigger names, plain values too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from contracts.cloudevent import CloudEvent, InvalidCloudEvent, read_binary
from contracts.scalars import JsonObject, to_iso

EVENTS = "events"
"""Our own topic for events from outside: CloudEvents only."""


class EventRecord(Protocol):
    """A record as any reader gives it."""

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
    """``trigger.*``."""


def read_event(record: EventRecord) -> IncomingEvent:
    """Raises InvalidCloudEvent with the reason. Plain values have their coordinates as identity."""
    cloud = read_binary(record.headers, record.value)
    if cloud is None:
        if record.topic == EVENTS:
            raise InvalidCloudEvent("no ce_* headers: topic events takes CloudEvents in Kafka's binary mode")
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
    )


def _plain(value: bytes | None) -> Any:
    """JSON, else text: what a foreign topic holds is not ours to refuse as long as it can be shown."""
    if not value:
        return None
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        pass
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise InvalidCloudEvent("the value is neither JSON nor UTF-8 text") from error
