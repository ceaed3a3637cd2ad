"""Prints one record of a topic: as a line for people, unchanged for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from contracts.scalars import to_iso
from contracts.topics import TOPICS
from toccata.cli.option import Form
from toccata.cli.output import clock, out, say, say_item, state
from toccata.runtime.fetch import Fetched

_EVENTS = "events"
_SUMMARY = (
    *("state", "outcome", "task_id", "flow_id", "namespace", "trigger_id", "task_run_id", "attempt"),
    *("revision", "reason", "message", "worker_id", "topic", "partition", "offset"),
)
"""Fields of our messages that people look for, in this order."""


def say_record(record: Fetched, form: Form) -> None:
    headers = {name: raw.decode(errors="replace") for name, raw in record.headers}
    key = record.key.decode(errors="replace") if record.key is not None else None
    value = _value(record.value)
    if form != "table":
        say_item(
            {
                "topic": record.topic,
                "partition": record.partition,
                "offset": record.offset,
                "timestamp": to_iso(record.timestamp_ms),
                "key": key,
                "headers": headers,
                "value": value,
            },
            form,
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
    if record.topic in TOPICS and record.topic != _EVENTS and isinstance(value, Mapping):
        parts: list[str | tuple[str, str]] = []
        for name in _SUMMARY:
            if value.get(name) not in (None, ""):
                parts += [" ", state(str(value[name])) if name == "state" else f"{name}={value[name]}"]
        return parts
    return ["" if value is None else f" {orjson.dumps(value).decode()}"]
