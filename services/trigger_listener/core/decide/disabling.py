"""A person disables or enables a trigger through the API."""

from __future__ import annotations

from contracts.trigger import SetTriggerDisabled, TriggerDisabledSet
from services.trigger_listener.core.decide.poll import renew
from services.trigger_listener.core.decide.slot import slot_after_absence
from services.trigger_listener.core.turn import Turn, names


def set_disabled(turn: Turn, message: SetTriggerDisabled) -> None:
    trigger = turn.trigger_of(message)
    if trigger is None:
        return
    if trigger.user_disabled == message.disabled:
        turn.reply(message, "unchanged")
        return
    next_at = trigger.next_at
    schedule = turn.schedule_of(trigger)
    if not message.disabled and not trigger.source_disabled and schedule is not None:
        next_at = slot_after_absence(schedule, trigger.next_at, message.at)
    if message.disabled:
        renew(turn, trigger)
    turn.note(TriggerDisabledSet(**names(trigger), at=turn.at, disabled=message.disabled, next_at=next_at))
    turn.await_slot(trigger.key)
    turn.reply(message, "ok")
