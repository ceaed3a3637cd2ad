"""A person drops the state of a trigger, or restarts it.

Its definition stays. So after its state is dropped it begins anew, as if it were saved only now.
"""

from __future__ import annotations

from contracts.scalars import Millis
from contracts.trigger import ResetTrigger, RestartTrigger, TriggerReset
from services.trigger_listener.core.decide.poll import abandon, first_poll
from services.trigger_listener.core.state import Trigger
from services.trigger_listener.core.turn import Turn, names


def reset(turn: Turn, message: ResetTrigger) -> None:
    trigger = turn.trigger_of(message)
    if trigger is None:
        return
    if trigger.locked_by is not None:
        turn.reply(message, "conflict", "an execution locks the trigger: unlock it first")
        return
    if trigger.evaluation is not None:
        abandon(turn, trigger, "the state of the trigger was dropped")
    next_at = _first(turn, trigger)
    turn.note(TriggerReset(**names(trigger), at=turn.at, disabled=trigger.source_disabled, next_at=next_at))
    turn.await_slot(trigger.key)
    turn.reply(message, "ok")


def restart(turn: Turn, message: RestartTrigger) -> None:
    """End the poll that is out. Of a schedule nothing but its timer can stand still, so it is set again."""
    trigger = turn.trigger_of(message)
    if trigger is None:
        return
    out = trigger.evaluation is not None
    if out:
        abandon(turn, trigger, "the trigger was restarted")
    turn.await_slot(trigger.key)
    turn.reply(message, "ok" if out else "unchanged")


def _first(turn: Turn, trigger: Trigger) -> Millis | None:
    if turn.polls.polled(trigger.trigger_type):
        return first_poll(turn, None, trigger.definition)
    schedule = turn.schedule_of(trigger)
    return None if schedule is None else schedule.after(turn.at)
