"""The registry's state as independent snapshot items, and back. Items are JSON arrays: add new fields at the end, with
a default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec

from contracts.limit import Behavior
from contracts.namespace import FileRevision
from contracts.scalars import Millis, flow_key
from services.executor.registry.event import (
    FileDeleted,
    FileStored,
    JournalEvent,
    RevisionStored,
    ValueDeleted,
    ValueStored,
)
from services.executor.registry.state import File, Given, Latest, Name, RegistryState, Value


class FlowItem(msgspec.Struct, frozen=True, array_like=True, tag="flow"):
    namespace: str
    flow_id: str
    revision: int
    source_hash: str
    created_at: Millis
    deleted: bool
    trigger_ids: list[str]
    limit: int | None
    behavior: Behavior


class RequestItem(msgspec.Struct, frozen=True, array_like=True, tag="request"):
    request_id: str
    revision: int
    change: int | None = None


class ValueItem(msgspec.Struct, frozen=True, array_like=True, tag="value"):
    namespace: str
    key: str
    version: int
    change: int
    created_at: Millis
    expires_at: Millis | None


class FileItem(msgspec.Struct, frozen=True, array_like=True, tag="file"):
    namespace: str
    path: str
    change: int
    revisions: list[FileRevision]
    created_at: Millis


class ChangeItem(msgspec.Struct, frozen=True, array_like=True, tag="change"):
    """The number of the last change, which deleted values and files no longer show."""

    number: int


Item: TypeAlias = FlowItem | RequestItem | ValueItem | FileItem | ChangeItem
_encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[Item] = msgspec.json.Decoder(Item)


_REQUESTS = "requests"
"""The entity of what is not one flow, value or file. It is small, and changes with everything."""


def dump(state: RegistryState) -> Iterator[bytes]:
    for entity in entities(state):
        yield from dump_entity(state, entity)


def entities(state: RegistryState) -> Iterator[str]:
    yield from map(flow_entity, state.by_key)
    yield from (name_entity("value", name) for name in state.values)
    yield from (name_entity("file", name) for name in state.files)
    yield _REQUESTS


def flow_entity(key: str) -> str:
    return f"flow/{key}"


def name_entity(kind: str, name: Name) -> str:
    """Return the entity of a value or a file. Namespaces have no slash."""
    return f"{kind}/{name[0]}/{name[1]}"


def touched_by(event: JournalEvent) -> Iterator[str]:
    """Yield the entities that an event changes."""
    yield _REQUESTS
    match event:
        case RevisionStored():
            yield flow_entity(flow_key(event.namespace, event.flow_id))
        case ValueStored() | ValueDeleted():
            yield name_entity("value", (event.namespace, event.key))
        case FileStored() | FileDeleted():
            yield name_entity("file", (event.namespace, event.path))


def dump_entity(state: RegistryState, entity: str) -> Iterator[bytes]:
    kind, _, rest = entity.partition("/")
    if kind == _REQUESTS:
        yield from _dump_requests(state)
    elif kind == "flow":
        if (latest := state.by_key.get(rest)) is not None:
            yield _encode(_flow_item(latest))
    else:
        namespace, _, name = rest.partition("/")
        value, file = state.values.get((namespace, name)), state.files.get((namespace, name))
        if kind == "value" and value is not None:
            yield _encode(
                ValueItem(namespace, name, value.version, value.change, value.created_at, value.expires_at)
            )
        elif kind == "file" and file is not None:
            yield _encode(FileItem(namespace, name, file.change, file.revisions, file.created_at))


def _dump_requests(state: RegistryState) -> Iterator[bytes]:
    for request_id in state.request_order:
        given = state.requests[request_id]
        yield _encode(RequestItem(request_id, given.revision, given.change))
    yield _encode(ChangeItem(state.change))


def _flow_item(latest: Latest) -> FlowItem:
    return FlowItem(
        latest.namespace,
        latest.flow_id,
        latest.revision,
        latest.source_hash,
        latest.created_at,
        latest.deleted,
        latest.trigger_ids,
        latest.limit,
        latest.behavior,
    )


def load_entities(state: RegistryState, found: Iterable[tuple[str, list[bytes]]]) -> None:
    """Load entities into an empty state."""
    for _, items in found:
        load(state, items)


def load(state: RegistryState, items: Iterable[bytes]) -> None:
    """Load items into an empty state."""
    for raw in items:
        match _decoder.decode(raw):
            case FlowItem() as item:
                state.by_key[flow_key(item.namespace, item.flow_id)] = Latest(
                    item.namespace,
                    item.flow_id,
                    item.revision,
                    item.source_hash,
                    item.created_at,
                    item.deleted,
                    item.trigger_ids,
                    item.limit,
                    item.behavior,
                )
            case RequestItem(request_id, revision, change):
                state.remember(request_id, Given(revision, change))
            case ValueItem(namespace, key, version, number, created_at, expires_at):
                state.values[namespace, key] = Value(version, number, created_at, expires_at)
            case FileItem(namespace, path, number, revisions, created_at):
                state.put_file(namespace, path, File(number, revisions, created_at))
            case ChangeItem(number):
                state.change = number
