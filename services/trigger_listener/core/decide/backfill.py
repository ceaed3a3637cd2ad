"""A backfill runs the dates of a schedule from one instant to another, in order, as if each of them had come only now.

Meanwhile the schedule itself waits: ``next_at`` stays where it is, unless the backfill runs that very slot. A backfill that begins in
the future lets the schedule go on until then. So no slot is lost, and none fires twice. Locks, conditions and inputs are those of the schedule. A date never fires before its time.
"""

from __future__ import annotations

from dataclasses import replace

from contracts.language.flow.trigger_start import StartTemplates
from contracts.scalars import JsonObject, Millis, derive_id
from contracts.trigger import (
    ChangeBackfill,
    CreateBackfill,
    TriggerBackfillBegun,
    TriggerBackfillEnded,
    TriggerBackfillFired,
    TriggerBackfillPaused,
    TriggerBackfillSkipped,
)
from services.trigger_listener.core.decide.start import render, send
from services.trigger_listener.core.schedule import Schedule
from services.trigger_listener.core.state import Backfill, Trigger
from services.trigger_listener.core.turn import Turn, names

NONE = "No backfill found"


def create(turn: Turn, message: CreateBackfill) -> None:
    trigger = turn.trigger_of(message)
    if trigger is None:
        return
    schedule = turn.schedule_of(trigger)
    if schedule is None:
        turn.reply(message, "conflict", "only a schedule has dates that a backfill could run")
        return
    if trigger.backfill is not None:
        turn.reply(
            message, "conflict", "a backfill of this trigger is running: delete it, or wait for its end"
        )
        return
    first = _within(schedule.after(message.start - 1), message.end)
    if first is None:
        turn.reply(message, "invalid", "the schedule has no date from `start` to `end`")
        return
    turn.note(
        TriggerBackfillBegun(
            **names(trigger),
            at=turn.at,
            backfill_id=derive_id("backfill", trigger.key, str(turn.at), message.request_id or ""),
            start_at=message.start,
            end_at=message.end,
            slot_at=first,
            inputs=message.inputs,
            labels=message.labels,
        )
    )
    turn.await_slot(trigger.key)
    turn.reply(message, "ok")


def change(turn: Turn, message: ChangeBackfill) -> None:
    """Pause it, let it go on, or delete it."""
    trigger = turn.trigger_of(message)
    if trigger is None:
        return
    if trigger.backfill is None:
        turn.reply(message, "invalid", NONE)
        return
    paused = message.change == "pause"
    if message.change == "delete":
        turn.note(TriggerBackfillEnded(**names(trigger), at=turn.at, finished=False))
    elif trigger.backfill.paused == paused:
        turn.reply(message, "unchanged")
        return
    else:
        turn.note(TriggerBackfillPaused(**names(trigger), at=turn.at, paused=paused))
    turn.await_slot(trigger.key)
    turn.reply(message, "ok")


def fire_due(turn: Turn, key: str, trigger: Trigger, schedule: Schedule) -> None:
    """Fire the next date if its time has come, then wait for the one after it."""
    backfill = trigger.backfill
    if backfill is not None and trigger.due_at is not None and trigger.due_at <= turn.at:
        _fire_or_skip(turn, trigger, backfill, schedule)
    turn.await_slot(key)


def pass_over(turn: Turn, trigger: Trigger, backfill: Backfill, schedule: Schedule, reason: str) -> None:
    """Pass over the next date, which does not fire."""
    _skip(turn, trigger, backfill, _within(schedule.after(backfill.slot_at), backfill.end_at), reason)


def go_on(turn: Turn, trigger: Trigger, schedule: Schedule | None) -> None:
    """The flow was saved. Its schedule may have other dates now, or be none any more."""
    backfill = trigger.backfill
    if backfill is None:
        return
    if schedule is None:
        turn.note(TriggerBackfillEnded(**names(trigger), at=turn.at, finished=False))
        return
    slot = _within(schedule.after(backfill.slot_at - 1), backfill.end_at)
    if slot != backfill.slot_at:
        _skip(turn, trigger, backfill, slot, "the schedule has other dates now")


def _fire_or_skip(turn: Turn, trigger: Trigger, backfill: Backfill, schedule: Schedule) -> None:
    slot = backfill.slot_at
    execution_id = derive_id("backfill", backfill.id, str(slot))
    variables = schedule.variables(slot)
    rendered = render(turn, trigger, _templates(schedule, backfill), variables, execution_id)
    if rendered is None:
        pass_over(turn, trigger, backfill, schedule, "its `when` is false")
        return
    fired = TriggerBackfillFired(
        **names(trigger),
        at=turn.at,
        execution_id=execution_id,
        slot_at=slot,
        next_slot_at=_within(schedule.after(slot), backfill.end_at),
        next_at=_after(trigger.next_at, slot, schedule),
        locks=not schedule.allow_concurrent,
    )
    turn.note(fired)
    _end_if_last(turn, trigger, fired.next_slot_at)
    send(turn, trigger, fired, variables, rendered)


def _templates(schedule: Schedule, backfill: Backfill) -> StartTemplates:
    """The backfill's inputs and labels come after those of the schedule. They may look at the date, too."""
    written = schedule.templates
    inputs: JsonObject = {**written.inputs, **backfill.inputs}
    return replace(written, inputs=inputs, labels={**written.labels, **backfill.labels})


def _skip(turn: Turn, trigger: Trigger, backfill: Backfill, next_slot_at: Millis | None, reason: str) -> None:
    turn.note(
        TriggerBackfillSkipped(
            **names(trigger), at=turn.at, slot_at=backfill.slot_at, next_slot_at=next_slot_at, reason=reason
        )
    )
    _end_if_last(turn, trigger, next_slot_at)


def _end_if_last(turn: Turn, trigger: Trigger, next_slot_at: Millis | None) -> None:
    if next_slot_at is None:
        turn.note(TriggerBackfillEnded(**names(trigger), at=turn.at, finished=True))


def _after(next_at: Millis | None, slot: Millis, schedule: Schedule) -> Millis | None:
    """Return the next slot of the schedule itself, without the one that the backfill runs."""
    return schedule.after(slot) if next_at == slot else next_at


def _within(slot: Millis | None, end: Millis) -> Millis | None:
    return None if slot is None or slot > end else slot
