"""The registry defines a flow's triggers: a trigger is new, is redefined, or is removed."""

from __future__ import annotations

from contracts.codec import encode
from contracts.language.flow.flow_trigger import InvalidFlowTrigger, parse_flow_trigger
from contracts.language.types.trigger.flow import FLOW
from contracts.scalars import Millis, trigger_key
from contracts.trigger import DefineTrigger, RemoveTrigger, TriggerDefined, TriggerRemoved
from services.trigger_listener.core.decide import backfill
from services.trigger_listener.core.decide.poll import abandon, first_poll, renew, withdraw
from services.trigger_listener.core.decide.slot import slot_after_absence, slot_due
from services.trigger_listener.core.polling import InvalidPolling, parse_polling
from services.trigger_listener.core.schedule import (
    SCHEDULES,
    InvalidSchedule,
    Schedule,
    parse_schedule,
    read_schedule,
)
from services.trigger_listener.core.state import Trigger
from services.trigger_listener.core.turn import Turn, names

_FAR_MS = 86_400_000
"""A definition is not from later than this."""


def define(turn: Turn, message: DefineTrigger) -> None:
    key = trigger_key(message.namespace, message.flow_id, message.trigger_id)
    known = turn.state.by_key.get(key)
    if known is not None and message.revision <= known.revision:
        return
    definition = encode(message.definition)
    if known is not None and known.due_at is not None and known.due_at <= message.at:
        # This slot was due before the save, by the old definition. A save must not lose it.
        slot_due(turn, key, known.due_at)
    if known is not None and known.evaluation is not None and known.trigger_type != message.trigger_type:
        abandon(turn, known, "the trigger has another type now")
    elif known is not None:
        renew(turn, known)
    schedule = read_schedule(message.trigger_type, definition, turn.zone)
    turn.note(
        TriggerDefined(
            namespace=message.namespace,
            flow_id=message.flow_id,
            trigger_id=message.trigger_id,
            at=turn.at,
            revision=message.revision,
            trigger_type=message.trigger_type,
            definition=message.definition,
            source_disabled=message.disabled,
            disabled=message.disabled or (known is not None and known.user_disabled),
            next_at=(
                first_poll(turn, known, definition)
                if turn.polls.polled(message.trigger_type)
                else _first_slot(turn, known, schedule, message)
            ),
            problem=_problem(turn, message.trigger_type, definition),
            variables=message.variables,
        )
    )
    backfill.go_on(turn, turn.state.by_key[key], schedule)
    turn.await_slot(key)


def remove(turn: Turn, message: RemoveTrigger) -> None:
    key = trigger_key(message.namespace, message.flow_id, message.trigger_id)
    known = turn.state.by_key.get(key)
    if known is None or message.revision <= known.revision:
        return
    if known.evaluation is not None:
        withdraw(turn, known)
    turn.note(TriggerRemoved(**names(known), at=turn.at))
    turn.timer(key, None)


def _problem(turn: Turn, trigger_type: str, definition: bytes) -> str:
    """Return why a trigger never starts anything, or empty text if it may."""
    if trigger_type in SCHEDULES:
        try:
            parse_schedule(definition, turn.zone)
        except InvalidSchedule as invalid:
            return str(invalid)
    if trigger_type == FLOW.name:
        try:
            parse_flow_trigger(definition)
        except InvalidFlowTrigger as invalid:
            return str(invalid)
    if turn.polls.polled(trigger_type):
        try:
            parse_polling(definition)
        except InvalidPolling as invalid:
            return str(invalid)
    return ""


def _first_slot(
    turn: Turn, known: Trigger | None, schedule: Schedule | None, message: DefineTrigger
) -> Millis | None:
    if schedule is None:
        return None
    before = None if known is None else turn.schedule_of(known)
    if known is None or before is None or before.slots != schedule.slots:
        # No calendar has what a wrong writer may say.
        return schedule.after(max(0, min(message.at, turn.at + _FAR_MS)))
    if known.source_disabled and not message.disabled and not known.user_disabled:
        return slot_after_absence(schedule, known.next_at, message.at)
    return known.next_at
