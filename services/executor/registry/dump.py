"""The registry's state as independent snapshot items, and back. Items are JSON arrays: add new fields at the end, with
a default."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec

from contracts.limit import Behavior
from contracts.scalars import Millis, flow_key
from services.executor.registry.state import Latest, RegistryState


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


Item: TypeAlias = FlowItem | RequestItem
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
        yield _encode(RequestItem(request_id, state.requests[request_id]))


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
            case RequestItem(request_id, revision):
                state.remember(request_id, revision)
