"""Tells Flow triggers of other flows that an execution reached a state. They decide themselves whether that starts something."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from contracts.codec import encode
from contracts.execution import AnyExecutionEvent, ExecutionEnded, ExecutionRestarted, ExecutionStateChanged
from contracts.history import TURNS
from contracts.message import Message
from contracts.scalars import JsonObject, trigger_key
from contracts.states import ENDED, State
from contracts.trigger import ExecutionMoved, MovedExecution
from services.executor.executions.audience import Hearer
from services.executor.executions.rendering.variables import whole_of
from services.executor.executions.state import Execution
from services.executor.executions.turn import Turn

MOST_BYTES = 300_000
"""What the messages of one step may have together, so that its record stays small enough."""


def tell_triggers(turn: Turn) -> None:
    """Tell of every state that the execution reached in this step, but for CREATED."""
    execution = turn.execution
    if execution.kind != "NORMAL":
        return
    audience = turn.setting.audience
    told = 0
    for event in tuple(turn.step.events):
        state = _state_after(event)
        if state is None:
            continue
        for hearer in audience.of(execution.namespace, execution.flow_id, state):
            message = _message(turn, hearer, _reached(turn, hearer, state, event))
            size = len(encode(message))
            if told + size > MOST_BYTES:
                message = _message(turn, hearer, _without_values(_reached(turn, hearer, state, event)))
                size = len(encode(message))
            told += size
            key = trigger_key(hearer.namespace, hearer.flow_id, hearer.trigger_id)
            turn.send("triggers.commands", key, message)


def _state_after(event: Message) -> State | None:
    if isinstance(event, ExecutionEnded | ExecutionStateChanged):
        return event.state
    return State.RESTARTED if isinstance(event, ExecutionRestarted) else TURNS.get(type(event))


def _message(turn: Turn, hearer: Hearer, reached: MovedExecution) -> ExecutionMoved:
    return ExecutionMoved(
        namespace=hearer.namespace,
        flow_id=hearer.flow_id,
        trigger_id=hearer.trigger_id,
        revision=hearer.revision,
        at=turn.at,
        moved=reached,
    )


def _without_values(reached: MovedExecution) -> MovedExecution:
    return msgspec.structs.replace(reached, outputs={}, seen={}, cut=True)


def _reached(turn: Turn, hearer: Hearer, state: State, event: Message) -> MovedExecution:
    execution = turn.execution
    numbered: AnyExecutionEvent = event  # type: ignore[assignment]
    runs = list(execution.runs.values())
    return MovedExecution(
        id=execution.id,
        seq=numbered.seq,
        namespace=execution.namespace,
        flow_id=execution.flow_id,
        revision=execution.revision,
        state=state,
        started_at=execution.created_at,
        ended_at=numbered.at if state in ENDED else None,
        labels=execution.labels,
        outputs=execution.outputs if state in ENDED else {},
        retried=_retried(execution),
        first_failed=next((run.task_id for run in runs if run.state is State.FAILED), None),
        last_task=runs[-1].task_id if runs else None,
        depth=execution.trigger.depth if execution.trigger is not None else 0,
        seen=_seen(turn, hearer.needs, state),
    )


def _retried(execution: Execution) -> list[State]:
    """Return the states of attempts of retried runs. All attempts but the last one failed."""
    ends = [run.state for run in execution.runs.values() if run.attempt > 1]
    return sorted({State.FAILED, *ends}) if ends else []


def _seen(turn: Turn, needs: Mapping[str, frozenset[str] | None], state: State) -> JsonObject:
    if not needs or not turn.known:
        return {}
    variables, _ = whole_of(turn, needs)
    found: JsonObject = {name: variables[name] for name in ("outputs", "inputs") if name in needs}
    if "execution" in needs:
        found["execution"] = {**variables["execution"], "state": state.value}
    return found
