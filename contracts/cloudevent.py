"""CloudEvents 1.0 in Kafka's binary mode: attributes are ``ce_*`` headers, and the record's value is the data.

Source: CloudEvents "Kafka Protocol Binding" 1.0.2, sections 3.2 and 3.2.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.json_text import NotJson, loads

Headers = list[tuple[str, bytes]]
JSON = b"application/json"


class InvalidCloudEvent(Exception):
    """The record is not a valid CloudEvent. The message names the header or value, and what is wrong with it."""


@dataclass(frozen=True, slots=True)
class CloudEvent:
    id: str
    source: str
    type: str
    data: Any
    subject: str | None = None
    time: str | None = None
    """RFC 3339, as sent."""
    extensions: Mapping[str, str] | None = None


def binary_headers(event_id: str, event_type: str, source: str, time: str, subject: str) -> Headers:
    """The headers of an event whose value is JSON."""
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", event_id.encode()),
        ("ce_type", event_type.encode()),
        ("ce_source", source.encode()),
        ("ce_time", time.encode()),
        ("ce_subject", subject.encode()),
        ("content-type", JSON),
    ]


def read_binary(headers: Iterable[tuple[str, bytes]], value: bytes | None) -> CloudEvent | None:
    """Return the record's event, or None if the record has no ``ce_*`` header. Raise InvalidCloudEvent if one is wrong."""
    attributes: dict[str, str] = {}
    content_type = "application/json"
    for name, raw in headers:
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            raise InvalidCloudEvent(f"header {name} is not UTF-8") from error
        lowered = name.lower()
        if lowered.startswith("ce_"):
            attributes[lowered[3:]] = text
        elif lowered == "content-type":
            content_type = text
    if not attributes:
        return None
    missing = [name for name in ("specversion", "id", "source", "type") if not attributes.get(name)]
    if missing:
        raise InvalidCloudEvent(f"the CloudEvent has no header {', '.join('ce_' + name for name in missing)}")
    if not attributes["specversion"].startswith("1."):
        raise InvalidCloudEvent(
            f"CloudEvents specversion {attributes['specversion']!r} is not supported; send 1.0"
        )
    time = attributes.get("time")
    if time is not None:
        try:
            datetime.fromisoformat(time)
        except ValueError as error:
            raise InvalidCloudEvent(f"header ce_time {time!r} is not an RFC 3339 instant") from error
    known = {"specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema"}
    return CloudEvent(
        attributes["id"],
        attributes["source"],
        attributes["type"],
        _data(content_type, value),
        attributes.get("subject"),
        time,
        {name: text for name, text in attributes.items() if name not in known},
    )


def _data(content_type: str, value: bytes | None) -> Any:
    if not value:
        return None
    if "json" in content_type:
        try:
            return loads(value)
        except NotJson as error:
            raise InvalidCloudEvent(
                f"the value is not JSON ({error}), but content-type is {content_type}"
            ) from error
    try:
        return value.decode()
    except UnicodeDecodeError as error:
        raise InvalidCloudEvent(
            f"the value of content-type {content_type} is neither JSON nor UTF-8 text"
        ) from error
