"""The start of an execution by a trigger: what the templates of a schedule's date give, and the command to the executor."""

from __future__ import annotations

import msgspec

from contracts.execution import StartExecution, TriggerRef
from contracts.language.flow.flow_trigger import read_flow_trigger
from contracts.language.flow.trigger_start import (
    StartTemplates,
    TriggerStart,
    flow_reference,
    trigger_scope,
    trigger_start,
)
from contracts.language.types.trigger.flow import FLOW
from contracts.scalars import JsonObject
from contracts.trigger import TriggerBackfillFired, TriggerFired
from services.trigger_listener.core.polling import read_polling
from services.trigger_listener.core.state import Trigger
from services.trigger_listener.core.turn import Turn


def render(
    turn: Turn, trigger: Trigger, templates: StartTemplates, variables: JsonObject, execution_id: str
) -> TriggerStart | None:
    """Return None if no execution is wanted."""
    return trigger_start(templates, trigger_scope(_seen(trigger, variables), turn.at, execution_id))


def send(
    turn: Turn,
    trigger: Trigger,
    fired: TriggerFired | TriggerBackfillFired,
    variables: JsonObject,
    rendered: TriggerStart,
) -> None:
    start = start_of(turn, trigger, fired.execution_id, variables, rendered)
    send_start(turn, trigger, start, locks=fired.locks)


def start_of(
    turn: Turn, trigger: Trigger, execution_id: str, variables: JsonObject, rendered: TriggerStart
) -> StartExecution:
    return StartExecution(
        execution_id=execution_id,
        namespace=trigger.namespace,
        flow_id=trigger.flow_id,
        at=turn.at,
        revision=trigger.revision,
        inputs=rendered.inputs,
        labels=rendered.labels,
        trigger=TriggerRef(id=trigger.trigger_id, type=trigger.trigger_type, variables=variables),
        failure=rendered.failure,
    )


def stop_after(turn: Turn, trigger: Trigger) -> tuple[str, ...]:
    """Return the states of its executions that disable the trigger."""
    schedule = turn.schedule_of(trigger)
    if schedule is not None:
        return schedule.stop_after
    if trigger.trigger_type == FLOW.name:
        flow = read_flow_trigger(trigger.definition)
        return flow.stop_after if flow is not None else ()
    polling = read_polling(trigger.definition) if turn.polls.polled(trigger.trigger_type) else None
    return polling.stop_after if polling is not None else ()


def send_start(turn: Turn, trigger: Trigger, start: StartExecution, *, locks: bool) -> None:
    """``locks``: the trigger starts nothing else until this execution ends."""
    if locks or stop_after(turn, trigger):
        # The trigger hears of its end.
        start = msgspec.structs.replace(start, trigger_key=trigger.key)
    turn.send("executions.admitted", start.execution_id, start)


def _seen(trigger: Trigger, variables: JsonObject) -> JsonObject:
    """Return the variables of a schedule's templates. ``schedule`` is an old name. The flow's own variables are not here."""
    flow = flow_reference(trigger.namespace, trigger.flow_id, trigger.revision)
    return {**flow, "trigger": variables, "schedule": variables}
