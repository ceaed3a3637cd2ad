"""Applies an event to the state of triggers. Never refuses it, and decides nothing."""

from __future__ import annotations

from typing import assert_never

from contracts.codec import encode
from contracts.scalars import trigger_key
from contracts.trigger import (
    TriggerDefined,
    TriggerDisabledSet,
    TriggerEvaluated,
    TriggerEvaluating,
    TriggerFired,
    TriggerRemoved,
    TriggerSkipped,
    TriggerUnlocked,
)
from services.trigger_listener.core.event import JournalEvent
from services.trigger_listener.core.state import Evaluation, Trigger, TriggersState


def evolve(state: TriggersState, event: JournalEvent) -> None:
    key = trigger_key(event.namespace, event.flow_id, event.trigger_id)
    state.touched[key] = None
    if isinstance(event, TriggerDefined):
        _define(state, key, event)
        return
    if isinstance(event, TriggerRemoved):
        removed = state.by_key.pop(key, None)
        if removed is not None and removed.evaluation is not None:
            del state.evaluations[removed.evaluation.id]
        return
    trigger = state.by_key[key]
    match event:
        case TriggerFired():
            trigger.last_at, trigger.next_at = event.slot_at, event.next_at
            trigger.locked_by = event.execution_id if event.locks else None
        case TriggerSkipped():
            trigger.next_at = event.next_at
        case TriggerEvaluating():
            trigger.evaluation = Evaluation(event.evaluation_id, event.at, event.until, event.group)
            state.evaluations[event.evaluation_id] = key
        case TriggerEvaluated():
            _end_evaluation(state, trigger, event)
        case TriggerUnlocked():
            trigger.locked_by = None
        case TriggerDisabledSet():
            trigger.user_disabled, trigger.next_at = event.disabled, event.next_at
        case _:
            assert_never(event)


def _end_evaluation(state: TriggersState, trigger: Trigger, event: TriggerEvaluated) -> None:
    state.evaluations.pop(event.evaluation_id, None)
    trigger.evaluation = None
    trigger.next_at, trigger.locked_by = event.next_at, event.locked_by
    if event.executions:
        trigger.last_at, trigger.accepted = event.at, tuple(event.accepted)


def _define(state: TriggersState, key: str, event: TriggerDefined) -> None:
    trigger = Trigger(
        event.namespace,
        event.flow_id,
        event.trigger_id,
        event.trigger_type,
        event.revision,
        encode(event.definition),
        event.source_disabled,
        next_at=event.next_at,
        variables=encode(event.variables) if event.variables else b"",
    )
    known = state.by_key.get(key)
    if known is not None:
        trigger.user_disabled, trigger.last_at = known.user_disabled, known.last_at
        trigger.locked_by, trigger.evaluation = known.locked_by, known.evaluation
        trigger.accepted = known.accepted
    state.by_key[key] = trigger
