"""Applies an event to the state of limits. Never refuses it, and decides nothing."""

from __future__ import annotations

from typing import assert_never

from services.executor.limits.dump import limit_entity
from services.executor.limits.event import (
    JournalEvent,
    LimitAssumed,
    LimitFixed,
    SlotAwaited,
    SlotDenied,
    SlotLeft,
    SlotTaken,
)
from services.executor.limits.state import Limit, LimitsState, Past, past_key


def evolve(state: LimitsState, event: JournalEvent) -> None:
    key = event.limit_key
    state.touched[limit_entity(key)] = None
    limit = state.by_key.get(key)
    if limit is None:
        limit = state.by_key[key] = Limit()
    match event:
        case SlotTaken(execution_id=execution_id, asked_at=asked_at):
            limit.queue.pop(execution_id, None)
            limit.holders[execution_id] = asked_at
        case SlotAwaited(execution_id=execution_id, asked_at=asked_at):
            limit.queue[execution_id] = asked_at
        case SlotDenied(execution_id=execution_id, asked_at=asked_at, behavior=behavior):
            state.remember(past_key(key, execution_id), Past(asked_at, behavior))
        case SlotLeft(execution_id=execution_id):
            people = limit.holders if execution_id in limit.holders else limit.queue
            state.remember(past_key(key, execution_id), Past(people.pop(execution_id)))
            _forget_blank(state, key, limit)
        case LimitFixed():
            limit.limit, limit.behavior, limit.set_at = event.limit, event.behavior, event.set_at
            _forget_blank(state, key, limit)
        case LimitAssumed():
            limit.limit, limit.behavior = event.limit, event.behavior
        case _:
            assert_never(event)


def _forget_blank(state: LimitsState, key: str, limit: Limit) -> None:
    if limit.blank:
        del state.by_key[key]
