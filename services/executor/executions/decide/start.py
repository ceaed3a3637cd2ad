"""Starts an execution: creates it with typed inputs, then begins it at once, at its date, or with a slot."""

from __future__ import annotations

from contracts.codec import encode
from contracts.execution import ExecutionCreated, History, StartExecution
from contracts.limit import AcquireSlot
from contracts.scalars import JsonObject, Millis, flow_key
from contracts.states import State
from services.executor.executions.blueprint import Blueprint
from services.executor.executions.event import KillForgotten
from services.executor.executions.rendering.inputs import InputsRefused, TypedInputs, typed_inputs
from services.executor.executions.schedule import run_execution
from services.executor.executions.state import Execution
from services.executor.executions.termination import end_execution
from services.executor.executions.turn import Turn

MUCH_BYTES = 100_000
CORRELATION = "system.correlationId"


def start(turn: Turn, command: StartExecution) -> None:
    """The caller has checked that the id is unknown and not too old."""
    blueprints = turn.setting.blueprints
    blueprint = blueprints.of(command.namespace, command.flow_id, command.revision)
    refused = _refusal(blueprint, command) or command.failure
    inputs, warning = TypedInputs(command.inputs)
    if blueprint is not None and not refused:
        try:
            inputs, warning = typed_inputs(turn, blueprint, command)
        except InputsRefused as problem:
            refused = str(problem)
    _create(turn, command, blueprint, inputs)
    if warning:
        turn.log("WARN", warning)
    if command.execution_id in turn.state.early_kills:
        turn.note(KillForgotten(execution_id=command.execution_id))
        turn.timer(f"forget/{command.execution_id}", None)
        end_execution(turn, State.KILLED)
    elif refused:
        end_execution(turn, State.FAILED, refused)
    elif command.scheduled_at is not None and command.scheduled_at > turn.at:
        turn.timer(f"start/{command.execution_id}", command.scheduled_at)
    elif inputs and len(encode(inputs)) > MUCH_BYTES:
        turn.timer(
            f"start/{command.execution_id}", turn.at
        )  # the first tasks may carry them too, so they get another record
    else:
        take_slot_or_run(turn)


def create_failed(turn: Turn, command: StartExecution, reason: str) -> None:
    """Create an execution that is visible, but ends before it begins."""
    _create(turn, command, None, command.inputs)
    end_execution(turn, State.FAILED, reason)


def provisional(command: StartExecution, at: Millis) -> Execution:
    """Return the execution as the expressions of its inputs see it, before it exists."""
    return Execution(
        id=command.execution_id,
        namespace=command.namespace,
        flow_id=command.flow_id,
        revision=command.revision or 0,
        state=State.CREATED,
        seq=0,
        histories=[History(State.CREATED, at)],
        inputs={},
        labels=command.labels,
        trigger=command.trigger,
        parent_id=command.parent_id,
        original_id=command.original_id,
        scheduled_at=command.scheduled_at,
        kind=command.kind,
        attempt_number=command.attempt_number,
        trigger_key=command.trigger_key,
        limit_key=None,
        trace_parent=command.trace_parent,
    )


def _refusal(blueprint: Blueprint | None, command: StartExecution) -> str:
    name = f"{command.namespace}.{command.flow_id}"
    if blueprint is None:
        revision = f" in revision {command.revision}" if command.revision is not None else ""
        return f"Flow not found: {name}{revision}"
    if blueprint.plan.flow.disabled:
        return f"Flow is disabled: {name}"
    return ""


def _create(turn: Turn, command: StartExecution, blueprint: Blueprint | None, inputs: JsonObject) -> None:
    limited = blueprint is not None and turn.setting.blueprints.limit_of(command.namespace, command.flow_id)
    turn.note(
        ExecutionCreated(
            execution_id=command.execution_id,
            seq=1,
            at=turn.at,
            namespace=command.namespace,
            flow_id=command.flow_id,
            revision=blueprint.plan.flow.revision or 0 if blueprint is not None else 0,
            inputs=inputs,
            labels=_labels(command, blueprint),
            trigger=command.trigger,
            parent_id=command.parent_id,
            original_id=command.original_id,
            scheduled_at=command.scheduled_at,
            kind=command.kind,
            attempt_number=command.attempt_number,
            trigger_key=command.trigger_key,
            limit_key=f"flow:{flow_key(command.namespace, command.flow_id)}" if limited else None,
            trace_parent=command.trace_parent,
        )
    )
    turn.execution = turn.state.executions[command.execution_id]


def _labels(command: StartExecution, blueprint: Blueprint | None) -> dict[str, str]:
    labels = dict(blueprint.labels) if blueprint is not None else {}
    labels.update(command.labels)
    labels.setdefault(CORRELATION, command.execution_id)
    return labels


def take_slot_or_run(turn: Turn) -> None:
    """Take a slot under the limit of the latest revision. Without a limit, run at once."""
    execution = turn.execution
    limit = turn.setting.blueprints.limit_of(execution.namespace, execution.flow_id)
    if execution.limit_key is None or limit is None:
        run_execution(turn)
        return
    acquire = AcquireSlot(
        limit_key=execution.limit_key,
        execution_id=execution.id,
        limit=limit.limit,
        behavior=limit.behavior,
        at=turn.at,
    )
    turn.send("limits.commands", execution.limit_key, acquire)
