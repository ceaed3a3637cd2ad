"""Applies an event to the registry's state. Never refuses it, and decides nothing."""

from __future__ import annotations

from typing import assert_never

from contracts.scalars import flow_key
from services.executor.registry.dump import touched_by
from services.executor.registry.event import (
    FileDeleted,
    FileStored,
    JournalEvent,
    RequestAnswered,
    RevisionStored,
    ValueDeleted,
    ValueStored,
)
from services.executor.registry.state import File, Given, Latest, RegistryState, Value


def evolve(state: RegistryState, event: JournalEvent) -> None:
    state.touched.update(dict.fromkeys(touched_by(event)))
    match event:
        case RevisionStored():
            _store_revision(state, event)
        case ValueStored(namespace=namespace, key=key):
            state.values[namespace, key] = Value(
                event.version, event.change, event.created_at, event.expires_at
            )
            state.change = event.change
        case ValueDeleted(namespace=namespace, key=key):
            state.values.pop((namespace, key), None)
            state.change = event.change
        case FileStored(namespace=namespace, path=path):
            state.put_file(namespace, path, File(event.change, event.revisions, event.created_at))
            state.change = event.change
        case FileDeleted(namespace=namespace, path=path):
            state.drop_file(namespace, path)
            state.change = event.change
        case RequestAnswered():
            state.remember(event.request_id, Given(event.revision, event.change))
        case _:
            assert_never(event)


def _store_revision(state: RegistryState, event: RevisionStored) -> None:
    state.by_key[flow_key(event.namespace, event.flow_id)] = Latest(
        event.namespace,
        event.flow_id,
        event.revision,
        event.source_hash,
        event.created_at,
        event.deleted,
        event.trigger_ids,
        event.limit,
        event.behavior,
    )
    state.remember(event.request_id, Given(event.revision))
