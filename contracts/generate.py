"""Writes the generated files under ``schemas/``, which are checked in: ``python -m contracts.generate [--check]``.

They are one JSON Schema for each topic with public or documented messages, an AsyncAPI 3 document, and a state diagram.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import msgspec
import orjson

from contracts.codec import message_types
from contracts.message import Message, type_of
from contracts.states import EXECUTION_TRANSITIONS, TASK_RUN_TRANSITIONS
from contracts.topics import TOPICS, Topic

FOLDER = Path(__file__).parent / "schemas"
OUTSIDE = frozenset({"public in", "public out", "documented"})
VERSION = "1.0.0"
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_CLOUDEVENT_HEADERS = {
    "type": "object",
    "required": ["ce_specversion", "ce_id", "ce_type", "ce_source"],
    "properties": {
        "ce_specversion": {"const": "1.0"},
        "ce_id": {"type": "string", "description": "identifies the event together with ce_source"},
        "ce_type": {"type": "string"},
        "ce_source": {"type": "string"},
        "ce_time": {"type": "string", "format": "date-time"},
        "ce_subject": {"type": "string", "description": "the record's key"},
        "content-type": {"const": "application/json"},
    },
}


def documents() -> dict[str, bytes]:
    """Return every generated file by name."""
    files = {f"{topic.name}.json": _json(_schema_of(topic)) for topic in _documented()}
    files["asyncapi.json"] = _json(_asyncapi())
    files["states.md"] = _drawing().encode()
    return files


def stale() -> list[str]:
    """Return the names of files that are outdated, missing or superfluous."""
    wanted = documents()
    found = {path.name: path.read_bytes() for path in FOLDER.iterdir()} if FOLDER.exists() else {}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def write() -> None:
    FOLDER.mkdir(exist_ok=True)
    wanted = documents()
    for path in FOLDER.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, content in wanted.items():
        (FOLDER / name).write_bytes(content)


def _documented() -> list[Topic]:
    return [topic for topic in TOPICS.values() if topic.visibility in OUTSIDE and topic.messages is not None]


def _schema_of(topic: Topic) -> dict[str, Any]:
    types = message_types(topic.messages)
    schemas, components = msgspec.json.schema_components(types, ref_template="#/$defs/{name}")
    root = schemas[0] if len(schemas) == 1 else {"anyOf": list(schemas)}
    return {"$schema": _DIALECT, "title": f"Messages of topic {topic.name}", **root, "$defs": components}


def _asyncapi() -> dict[str, Any]:
    types = sorted({t for topic in _documented() for t in message_types(topic.messages)}, key=type_of)
    schemas, components = msgspec.json.schema_components(types, ref_template="#/components/schemas/{name}")
    del schemas
    messages = {type_of(t): _message(t) for t in types}
    outside = [topic for topic in TOPICS.values() if topic.visibility in OUTSIDE]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Toccata",
            "version": VERSION,
            "description": "Topics of Toccata's bus that other programs may write or read. Names begin with the prefix `toccata.`, which is a setting.",
        },
        "channels": {topic.name: _channel(topic) for topic in outside},
        "operations": dict(operation for topic in outside for operation in _operations(topic)),
        "components": {"messages": messages, "schemas": components},
    }


def _message(message: type[Message]) -> dict[str, Any]:
    public = any(
        topic.visibility == "public out"
        and topic.name.endswith(".events")
        and message in message_types(topic.messages)
        for topic in _documented()
    )
    found: dict[str, Any] = {
        "name": type_of(message),
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{message.__name__}"},
    }
    if public:
        found["headers"] = _CLOUDEVENT_HEADERS
    return found


def _channel(topic: Topic) -> dict[str, Any]:
    names = [type_of(t) for t in message_types(topic.messages)] if topic.messages is not None else []
    channel: dict[str, Any] = {
        "address": f"toccata.{topic.name}",
        "description": f"{topic.visibility}; key: {topic.key}",
        "bindings": {"kafka": {"partitions": topic.partitions, "topicConfiguration": _topic_binding(topic)}},
    }
    if names:
        channel["messages"] = {name: {"$ref": f"#/components/messages/{name}"} for name in names}
    elif topic.name == "events":
        channel["messages"] = {
            "cloudevent": {
                "name": "cloudevent",
                "headers": _CLOUDEVENT_HEADERS,
                "payload": {"description": "any JSON"},
            }
        }
    return channel


def _topic_binding(topic: Topic) -> dict[str, Any]:
    binding: dict[str, Any] = {"cleanup.policy": topic.config()["cleanup.policy"].split(",")}
    if topic.retention_ms is not None:
        binding["retention.ms"] = topic.retention_ms
    return binding


def _operations(topic: Topic) -> list[tuple[str, dict[str, Any]]]:
    """From the application's view: it receives what others may write, and sends what others may read."""
    channel = {"channel": {"$ref": f"#/channels/{topic.name}"}}
    receives = (f"receive {topic.name}", {"action": "receive", **channel})
    sends = (f"send {topic.name}", {"action": "send", **channel})
    match topic.visibility:
        case "public in":
            return [receives]
        case "public out":
            return [sends]
        case _:
            return [sends if "worker" in topic.readers else receives]


def _drawing() -> str:
    parts = ["# State machines", "", "Generated from `contracts/states.py`.", ""]
    for title, table in (("Executions", EXECUTION_TRANSITIONS), ("Task runs", TASK_RUN_TRANSITIONS)):
        parts += [f"## {title}", "", "```mermaid", "stateDiagram-v2"]
        for before, after in sorted(table.items(), key=lambda row: row[0] or ""):
            parts += [f"    {before or '[*]'} --> {state}" for state in sorted(after)]
        parts += ["```", ""]
    return "\n".join(parts)


def _json(document: dict[str, Any]) -> bytes:
    return orjson.dumps(document, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def main() -> int:
    if "--check" not in sys.argv[1:]:
        write()
        return 0
    names = stale()
    if names:
        sys.stderr.write(
            f"contracts/schemas is outdated: {', '.join(names)}. Run: python -m contracts.generate\n"
        )
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())
