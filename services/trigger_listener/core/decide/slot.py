"""A slot of a schedule is due: it fires, or it is passed over."""

from __future__ import annotations

from contracts.execution import CheckExecution
from contracts.scalars import Millis, derive_id, to_iso
from contracts.trigger import TriggerFired, TriggerSkipped
from services.trigger_listener.core.decide import backfill
from services.trigger_listener.core.decide.start import render, send
from services.trigger_listener.core.schedule import Schedule
from services.trigger_listener.core.state import Trigger
from services.trigger_listener.core.turn import Turn, names

MISSED_AFTER_MS = 30_000
"""A timer that is later than this after its slot shows that the listener was away."""


def slot_due(turn: Turn, key: str, due: Millis) -> None:
    trigger = turn.state.by_key.get(key)
    if trigger is not None and trigger.locked_by is not None:
        _check_lock(turn, key, trigger.locked_by)
        return
    schedule = None if trigger is None else turn.schedule_of(trigger)
    if trigger is None or schedule is None or trigger.due_at is None:
        return
    if trigger.in_backfill:
        backfill.fire_due(turn, key, trigger, schedule)
        return
    assert trigger.next_at is not None
    if turn.at - max(due, trigger.next_at) > MISSED_AFTER_MS:
        _recover(turn, trigger, schedule)
    fire_due(turn, key, trigger, schedule)


def _check_lock(turn: Turn, key: str, execution_id: str) -> None:
    """Ask whether the execution is still open, because its end may have been lost. If it is over, the lock comes back."""
    ask = CheckExecution(execution_id=execution_id, trigger_key=key, at=turn.at)
    turn.send("executions.admitted", execution_id, ask)
    turn.await_slot(key)


def fire_due(turn: Turn, key: str, trigger: Trigger, schedule: Schedule) -> None:
    """Fire the next slot if its time has come, then wait for the one after it."""
    if trigger.in_backfill:
        backfill.fire_due(turn, key, trigger, schedule)
        return
    _skip_late(turn, trigger, schedule)
    slot = trigger.next_at
    if slot is not None and slot <= turn.at:
        _fire_or_skip(turn, key, trigger, schedule, slot)
    turn.await_slot(key)


def pass_over(turn: Turn, key: str, reason: str) -> None:
    """Pass over the due slot, which does not fire."""
    trigger = turn.state.by_key.get(key)
    schedule = None if trigger is None else turn.schedule_of(trigger)
    if trigger is None or schedule is None:
        return
    if trigger.backfill is not None and trigger.in_backfill:
        backfill.pass_over(turn, trigger, trigger.backfill, schedule, reason)
        turn.await_slot(key)
    elif trigger.next_at is not None:
        _skip(turn, trigger, schedule.after(trigger.next_at), reason)
        turn.await_slot(key)


def slot_after_absence(schedule: Schedule, next_at: Millis | None, since: Millis) -> Millis | None:
    """Return the next slot of a trigger that is enabled again. Slots during the absence were missed."""
    if next_at is None or next_at > since or schedule.recovery == "ALL":
        return next_at if next_at is not None else schedule.after(since)
    if schedule.recovery == "LAST":
        return schedule.last_until(since)
    return schedule.after(since)


def _recover(turn: Turn, trigger: Trigger, schedule: Schedule) -> None:
    first = trigger.next_at
    assert first is not None
    if schedule.recovery == "LAST":
        last = schedule.last_until(turn.at)
        if last is not None and last > first:
            _skip(turn, trigger, last, "missed; recoverMissedSchedules is LAST")
    elif schedule.recovery == "NONE":
        _skip(turn, trigger, schedule.after(turn.at), "missed; recoverMissedSchedules is NONE")


def _skip_late(turn: Turn, trigger: Trigger, schedule: Schedule) -> None:
    slot = trigger.next_at
    if schedule.late_maximum_ms is None or slot is None:
        return
    earliest = turn.at - schedule.late_maximum_ms
    if slot < earliest:
        reason = f"later than lateMaximumDelay, at {to_iso(turn.at)}"
        _skip(turn, trigger, schedule.after(earliest - 1), reason)


def _skip(turn: Turn, trigger: Trigger, next_at: Millis | None, reason: str) -> None:
    slot = trigger.next_at
    assert slot is not None
    turn.note(TriggerSkipped(**names(trigger), at=turn.at, slot_at=slot, next_at=next_at, reason=reason))


def _fire_or_skip(turn: Turn, key: str, trigger: Trigger, schedule: Schedule, slot: Millis) -> None:
    execution_id = derive_id("schedule", key, str(slot))
    variables = schedule.variables(slot)
    rendered = render(turn, trigger, schedule.templates, variables, execution_id)
    if rendered is None:
        _skip(turn, trigger, schedule.after(slot), "its `when` is false")
        return
    fired = TriggerFired(
        **names(trigger),
        at=turn.at,
        execution_id=execution_id,
        slot_at=slot,
        next_at=schedule.after(slot),
        locks=not schedule.allow_concurrent,
    )
    turn.note(fired)
    send(turn, trigger, fired, variables, rendered)
