"""The registry's state as independent snapshot items, and back. Items are JSON arrays: add new fields at the end, with
a default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec

from contracts.limit import Behavior
from contracts.namespace import FileRevision
from contracts.scalars import Millis, flow_key
from services.executor.registry.state import File, Given, Latest, RegistryState, Value


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


def dump(state: RegistryState) -> Iterator[bytes]:
    for latest in state.by_key.values():
        yield _encode(
            FlowItem(
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
        )
    for request_id in state.request_order:
        given = state.requests[request_id]
        yield _encode(RequestItem(request_id, given.revision, given.change))
    for (namespace, key), value in state.values.items():
        yield _encode(
            ValueItem(namespace, key, value.version, value.change, value.created_at, value.expires_at)
        )
    for (namespace, path), file in state.files.items():
        yield _encode(FileItem(namespace, path, file.change, file.revisions, file.created_at))
    yield _encode(ChangeItem(state.change))


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
