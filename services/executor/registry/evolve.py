"""Applies an event to the registry's state. Never refuses it, and decides nothing."""

from __future__ import annotations

from contracts.scalars import flow_key
from services.executor.registry.event import JournalEvent
from services.executor.registry.state import Latest, RegistryState


def evolve(state: RegistryState, event: JournalEvent) -> None:
    """Store a new revision, which is the only kind of event."""
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
    state.remember(event.request_id, event.revision)
