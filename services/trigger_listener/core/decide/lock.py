"""The execution that holds a trigger's lock ended, or a person releases the lock."""

from __future__ import annotations

from contracts.trigger import TriggerDisabledSet, TriggerUnlocked, UnlockTrigger
from services.trigger_listener.core.decide.poll import abandon, renew
from services.trigger_listener.core.decide.slot import fire_due
from services.trigger_listener.core.decide.start import stop_after
from services.trigger_listener.core.state import Trigger
from services.trigger_listener.core.turn import Turn, names


def unlock(turn: Turn, message: UnlockTrigger) -> None:
    trigger = turn.trigger_of(message)
    if trigger is None:
        return
    if trigger.evaluation is not None and message.execution_id is None:
        abandon(turn, trigger, "the poll was ended by a person")
        turn.await_slot(trigger.key)
        turn.reply(message, "ok")
        return
    holder = trigger.locked_by
    if holder is None or message.execution_id not in {None, holder}:
        _stop_if_wanted(turn, trigger, message)
        turn.await_slot(trigger.key)
        turn.reply(message, "unchanged", "the trigger is not locked")
        return
    turn.note(TriggerUnlocked(**names(trigger), at=turn.at, execution_id=holder))
    schedule = turn.schedule_of(trigger)
    _stop_if_wanted(turn, trigger, message)
    if schedule is not None and trigger.due_at is not None and trigger.due_at <= message.at:
        fire_due(turn, trigger.key, trigger, schedule)
    else:
        turn.await_slot(trigger.key)
    turn.reply(message, "ok")


def _stop_if_wanted(turn: Turn, trigger: Trigger, message: UnlockTrigger) -> None:
    """Disable the trigger after the end of one of its executions, whether that locked it or not."""
    if message.state in stop_after(turn, trigger) and not trigger.user_disabled:
        renew(turn, trigger)
        turn.note(TriggerDisabledSet(**names(trigger), at=turn.at, disabled=True, next_at=trigger.next_at))
