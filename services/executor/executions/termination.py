"""The one way to an end: whatever ends an execution comes through here, so that slot and trigger are always freed."""

from __future__ import annotations

from contracts.execution import ExecutionEnded
from contracts.language.types.behaviour import RenderingFailed
from contracts.limit import ReleaseSlot
from contracts.scalars import JsonObject
from contracts.states import State
from contracts.trigger import UnlockTrigger
from services.executor.executions.event import AfterExecutionDue
from services.executor.executions.rendering.outputs import flow_outputs
from services.executor.executions.turn import Turn

WITH_OUTPUTS = frozenset({State.SUCCESS, State.WARNING, State.FAILED})


def end_execution(turn: Turn, state: State, reason: str = "") -> None:
    """End it in ``state``; rendering its outputs may still make that FAILED."""
    execution = turn.execution
    ran = execution.histories[-1].state is not State.CREATED and bool(execution.runs)
    outputs: JsonObject = {}
    if ran and state in WITH_OUTPUTS and turn.known:
        try:
            outputs = flow_outputs(turn, state)
        except RenderingFailed as failure:
            state, reason = State.FAILED, f"Failed to render output values: {failure}"
    if ran and turn.known and turn.blueprint.plan.after_execution:
        turn.note(AfterExecutionDue(execution_id=execution.id))
    turn.emit(ExecutionEnded, state=state, outputs=outputs, reason=reason)
    if reason:
        turn.log("ERROR", reason)
    _release(turn, state)


def _release(turn: Turn, state: State) -> None:
    execution = turn.execution
    if execution.limit_key is not None:
        turn.send(
            "limits.commands",
            execution.limit_key,
            ReleaseSlot(limit_key=execution.limit_key, execution_id=execution.id, at=turn.at),
        )
    if execution.trigger_key is not None:
        namespace, flow_id, trigger_id = execution.trigger_key.split("/", 2)
        turn.send(
            "triggers.commands",
            execution.trigger_key,
            UnlockTrigger(
                namespace=namespace,
                flow_id=flow_id,
                trigger_id=trigger_id,
                at=turn.at,
                execution_id=execution.id,
                state=state,
            ),
        )
    if execution.scheduled_at is not None and execution.scheduled_at > turn.at:
        turn.timer(f"start/{execution.id}", None)
    for run in execution.runs.values() if execution.retrying else ():
        if run.retry_at is not None:
            turn.timer(f"retry/{execution.id}/{run.id}", None)
