"""Applies an event to the state of triggers. Never refuses it, and decides nothing."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from contracts.codec import encode
from contracts.scalars import trigger_key
from contracts.trigger import (
    TriggerBackfillBegun,
    TriggerBackfillEnded,
    TriggerBackfillFired,
    TriggerBackfillPaused,
    TriggerBackfillSkipped,
    TriggerDefined,
    TriggerDisabledSet,
    TriggerEvaluated,
    TriggerEvaluating,
    TriggerFired,
    TriggerRemoved,
    TriggerReset,
    TriggerSkipped,
    TriggerUnlocked,
)
from services.trigger_listener.core.event import JournalEvent
from services.trigger_listener.core.state import Backfill, Evaluation, Trigger, TriggersState

BackfillEvent: TypeAlias = (
    TriggerBackfillBegun
    | TriggerBackfillFired
    | TriggerBackfillSkipped
    | TriggerBackfillPaused
    | TriggerBackfillEnded
)


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
        case (
            TriggerBackfillBegun()
            | TriggerBackfillFired()
            | TriggerBackfillSkipped()
            | TriggerBackfillPaused()
            | TriggerBackfillEnded()
        ):
            _evolve_backfill(trigger, event)
        case TriggerReset():
            trigger.user_disabled, trigger.next_at = False, event.next_at
            trigger.last_at = trigger.locked_by = trigger.backfill = None
        case _:
            assert_never(event)


def _end_evaluation(state: TriggersState, trigger: Trigger, event: TriggerEvaluated) -> None:
    state.evaluations.pop(event.evaluation_id, None)
    trigger.evaluation = None
    trigger.next_at, trigger.locked_by = event.next_at, event.locked_by
    if event.executions:
        trigger.last_at = event.at
    if event.accepted:
        trigger.accepted = tuple(event.accepted)


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
        trigger.backfill = known.backfill
    state.by_key[key] = trigger


def _evolve_backfill(trigger: Trigger, event: BackfillEvent) -> None:
    match event:
        case TriggerBackfillBegun():
            trigger.backfill = Backfill(
                event.backfill_id,
                event.start_at,
                event.end_at,
                event.slot_at,
                event.inputs,
                event.labels,
            )
        case TriggerBackfillFired():
            trigger.last_at, trigger.next_at = event.slot_at, event.next_at
            trigger.locked_by = event.execution_id if event.locks else None
            _move(trigger, event.next_slot_at)
        case TriggerBackfillSkipped():
            _move(trigger, event.next_slot_at)
        case TriggerBackfillPaused():
            if trigger.backfill is not None:
                trigger.backfill.paused = event.paused
        case TriggerBackfillEnded():
            trigger.backfill = None
        case _:
            assert_never(event)


def _move(trigger: Trigger, slot_at: int | None) -> None:
    """After the last date ``TriggerBackfillEnded`` follows in the same step."""
    if trigger.backfill is not None and slot_at is not None:
        trigger.backfill.slot_at = slot_at
