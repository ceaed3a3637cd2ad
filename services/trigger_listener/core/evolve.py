"""Applies an event to the state of triggers. Never refuses it, and decides nothing."""

from __future__ import annotations

from typing import TypeAlias, assert_never

from contracts.codec import encode
from contracts.scalars import trigger_key
from contracts.trigger import (
    MetCondition,
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
    TriggerHeard,
    TriggerRemoved,
    TriggerReset,
    TriggerSkipped,
    TriggerUnlocked,
)
from services.trigger_listener.core.event import JournalEvent, MoveKept, MovesTaken
from services.trigger_listener.core.state import Backfill, Evaluation, Met, Trigger, TriggersState

BackfillEvent: TypeAlias = (
    TriggerBackfillBegun
    | TriggerBackfillFired
    | TriggerBackfillSkipped
    | TriggerBackfillPaused
    | TriggerBackfillEnded
)


MOST_HEARD = 256
"""So many executions a Flow trigger knows again."""


def evolve(state: TriggersState, event: JournalEvent) -> None:
    if isinstance(event, MoveKept | MovesTaken):
        _keep(state, event)
        return
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
            trigger.next_at, trigger.problem = event.next_at, event.problem
        case TriggerEvaluating():
            trigger.evaluation = Evaluation(event.evaluation_id, event.at, event.until, event.group)
            state.evaluations[event.evaluation_id] = key
        case TriggerEvaluated():
            _end_evaluation(state, trigger, event)
        case TriggerHeard():
            _hear(trigger, event)
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
            trigger.windows = {}
        case _:
            assert_never(event)


def early_entity(key: str) -> str:
    """Return the name of what is kept for a trigger, of its snapshots and of its timer. No key of a trigger has such a form."""
    return f"early:{key}"


def _keep(state: TriggersState, event: MoveKept | MovesTaken) -> None:
    state.touched[early_entity(event.key)] = None
    if isinstance(event, MoveKept):
        state.early.setdefault(event.key, []).append(event.told)
        return
    left = state.early.pop(event.key, [])[event.count :]
    if left:
        state.early[event.key] = left


def _hear(trigger: Trigger, event: TriggerHeard) -> None:
    """Note what is met. A window that is over goes, as soon as there is a newer one."""
    trigger.heard.pop(event.moved_id, None)
    trigger.heard[event.moved_id] = event.moved_seq
    while len(trigger.heard) > MOST_HEARD:
        del trigger.heard[next(iter(trigger.heard))]
    execution = {
        "executionId": event.moved_id,
        "namespace": event.moved_namespace,
        "flowId": event.moved_flow_id,
        "state": event.moved_state.value,
    }
    for each in event.met:
        window = trigger.windows.setdefault(each.window, {})
        window.pop(each.part, None)
        for part in [part for part, met in window.items() if not _lasts(met, each)]:
            del window[part]
        window[each.part] = Met(event.moved_at, each.start, each.end, execution, event.outputs)
    for name in event.emptied:
        trigger.windows.pop(name, None)
    if event.execution_id is not None:
        trigger.last_at = event.at
    trigger.problem = event.problem


def _lasts(met: Met, newer: MetCondition) -> bool:
    """A sliding window begins later each time, and what is before it is over. Others are the same or over."""
    return met.at >= newer.start


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
        trigger.windows, trigger.heard = known.windows, known.heard
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
