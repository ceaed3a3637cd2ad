"""Starts an execution: creates it with typed inputs, then begins it at once, at its date, or with a slot."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from contracts.codec import encode
from contracts.execution import (
    ExecutionCreated,
    ExecutionPrepared,
    History,
    Replay,
    StartExecution,
    TriggerRef,
)
from contracts.language.types.behaviour import RenderingFailed
from contracts.nesting import MOST_LEVELS, is_deeper
from contracts.scalars import JsonObject, Millis, flow_key, to_iso
from contracts.states import State
from services.executor.executions import levels
from services.executor.executions.admission import take_slot_or_run
from services.executor.executions.blueprint import Blueprint
from services.executor.executions.decide.replay import is_complete, take_over
from services.executor.executions.ending import end_with_open_runs
from services.executor.executions.evaluation import ask, close
from services.executor.executions.event import ExecutionEnding, KillForgotten
from services.executor.executions.rendering.inputs import InputsRefused, TypedInputs, typed_inputs
from services.executor.executions.rendering.question import AnswerNeeded
from services.executor.executions.state import Execution
from services.executor.executions.termination import end_execution
from services.executor.executions.turn import MUCH_BYTES, Turn

CREATED_BYTES = 860_000
"""The limit of the event that creates an execution. A record holds it alone, or with the end of the execution."""
CORRELATION = "system.correlationId"
NAME_CHARS = 200
HOUR_MS = 3_600_000


def start(
    turn: Turn,
    command: StartExecution,
    logged_at: Millis,
    restores: Callable[[Turn, bool], str] | None = None,
) -> None:
    """The caller has checked that the id is unknown. ``logged_at`` is the time of the start's record.

    ``restores`` begins a replay whose task runs fit no record, and returns why it cannot, or an empty text. It gets whether the inputs wait
    for a worker."""
    blueprints = turn.setting.blueprints
    blueprint = blueprints.of(command.namespace, command.flow_id, command.revision)
    within_loop = command.parent is not None and command.parent.iteration is not None
    refused = too_old(turn, command, logged_at) or _refusal(blueprint, command) or command.failure
    inputs, warning = TypedInputs(command.inputs)
    needed: AnswerNeeded | None = None
    if blueprint is not None and not refused and not within_loop:
        try:
            inputs, warning = typed_inputs(turn, blueprint, command.inputs)
        except AnswerNeeded as asking:
            needed = asking
        except (InputsRefused, RenderingFailed) as problem:
            refused = str(problem)
    too_much = _create(turn, command, blueprint, inputs)
    if warning:
        turn.log("WARN", warning)
    killed = command.execution_id in turn.state.early_kills
    if not (refused or too_much or killed) and restores is not None:
        refused = restores(turn, needed is not None)
        if not refused:
            return
    elif command.replay is not None and not (refused or too_much):
        refused = _take_over(turn, command.replay)
    if killed:
        turn.note(KillForgotten(execution_id=command.execution_id))
        turn.timer(f"forget/{command.execution_id}", None)
        ending = ExecutionEnding(execution_id=command.execution_id, state=State.KILLED, runs=State.KILLED)
        end_with_open_runs(turn, ending)  # a replay may have runs
    elif refused or too_much:
        end_execution(turn, State.FAILED, refused or too_much)
    else:
        levels.watch(turn)
        if needed is not None:
            ask(turn, None, "inputs", needed.asked)
        else:
            _begin(turn)


def go_on(turn: Turn) -> None:
    """Give the inputs their types with the answers that have come, then begin. Until now the execution has them as they were given."""
    execution = turn.execution
    if execution.state not in (State.CREATED, State.RESTARTED):
        return
    try:
        inputs, warning = typed_inputs(turn, turn.blueprint, execution.inputs)
    except AnswerNeeded as needed:
        ask(turn, None, "inputs", needed.asked)
        return
    except (InputsRefused, RenderingFailed) as problem:
        end_execution(turn, State.FAILED, str(problem))
        return
    encoded = encode(inputs)
    too_much = _unstorable(encoded, "inputs")
    if too_much:
        end_execution(turn, State.FAILED, too_much)
        return
    close(turn, "")
    turn.weigh(len(encoded))
    turn.emit(ExecutionPrepared, inputs=inputs)
    if warning:
        turn.log("WARN", warning)
    _begin(turn)


def begin_restored(turn: Turn, *, asks: bool) -> None:
    """A replay has all its task runs. ``asks``: a worker has to say something about its inputs first."""
    levels.watch(turn)
    if asks:
        go_on(turn)
    else:
        _begin(turn)


def _begin(turn: Turn) -> None:
    """Begin at once, at the execution's date, or in a step of its own."""
    execution = turn.execution
    if execution.scheduled_at is not None and execution.scheduled_at > turn.at:
        turn.timer(f"start/{execution.id}", execution.scheduled_at)
    elif turn.bytes > MUCH_BYTES:
        turn.timer(
            f"start/{execution.id}", turn.at
        )  # the first tasks may carry them too, so they get another record
    else:
        take_slot_or_run(turn)


def _take_over(turn: Turn, replay: Replay) -> str:
    """Say why the runs of the other execution cannot be taken over. Empty if they were."""
    if not is_complete(replay.record):
        return "The task runs of the execution to replay are not complete"
    take_over(turn, replay)
    return ""


def create_failed(turn: Turn, command: StartExecution, reason: str) -> None:
    """Create an execution that is visible, but ends before it begins."""
    _create(turn, command, None, command.inputs)
    end_execution(turn, State.FAILED, reason)


def too_old(turn: Turn, command: StartExecution, logged_at: Millis) -> str:
    """Say why a start may have run before: a repeated one is recognised only within the window. Empty if it is not too old."""
    window = turn.setting.window_ms
    hours = f"{window / HOUR_MS:g} h (TOCCATA_EXECUTOR_WINDOW_HOURS)"
    advice = "It is not run, because it may have run before. Start the flow again"
    if turn.at - logged_at > window:
        return f"This start waited in its topic since {to_iso(logged_at)}. Repeated starts are recognised for {hours}. {advice}"
    if logged_at - command.at > window:
        return (
            f"This start is dated {to_iso(command.at)}, but reached its topic at {to_iso(logged_at)}. "
            f"Repeated starts are recognised for {hours}. {advice}, and check the clock of its writer"
        )
    return ""


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
        parent=command.parent,
    )


def _refusal(blueprint: Blueprint | None, command: StartExecution) -> str:
    name = f"{command.namespace}.{command.flow_id}"
    if blueprint is None:
        revision = f" in revision {command.revision}" if command.revision is not None else ""
        return f"Flow not found: {name}{revision}"
    if blueprint.plan.flow.disabled and command.kind != "LOOP":
        return f"Flow is disabled: {name}"
    return ""


def _create(turn: Turn, command: StartExecution, blueprint: Blueprint | None, inputs: JsonObject) -> str:
    """Create the execution. If its values cannot be stored, create it without them and return the reason."""
    created = _created(turn, command, blueprint, inputs)
    encoded = encode(created)
    problem = _unstorable(encoded, "inputs, labels and trigger variables")
    if problem:
        created = msgspec.structs.replace(
            created, inputs={}, labels={CORRELATION: command.execution_id}, trigger=_named(created.trigger)
        )
    turn.note(created)
    turn.weigh(0 if problem else len(encoded))
    turn.execution = turn.state.executions[command.execution_id]
    return problem


def _unstorable(encoded: bytes, what: str) -> str:
    """Say why no record can hold this. Empty if one can."""
    if len(encoded) > CREATED_BYTES:
        return (
            f"The {what} have {len(encoded):,} bytes, but the limit is {CREATED_BYTES:,}. "
            "They are dropped. Pass large values as files"
        )
    if is_deeper(encoded):
        return f"The inputs are nested deeper than {MOST_LEVELS} levels. They are dropped"
    return ""


def _created(
    turn: Turn, command: StartExecution, blueprint: Blueprint | None, inputs: JsonObject
) -> ExecutionCreated:
    limited = (
        blueprint is not None
        and command.kind != "LOOP"
        and turn.setting.blueprints.limit_of(command.namespace, command.flow_id)
    )
    return ExecutionCreated(
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
        variables=command.variables,
        parent=command.parent,
        breakpoints=command.breakpoints,
    )


def _named(trigger: TriggerRef | None) -> TriggerRef | None:
    """Keep only the names of a trigger. Anyone may have written them, so they are cut too."""
    return trigger and TriggerRef(id=trigger.id[:NAME_CHARS], type=trigger.type[:NAME_CHARS])


def _labels(command: StartExecution, blueprint: Blueprint | None) -> dict[str, str]:
    labels = dict(blueprint.labels) if blueprint is not None else {}
    labels.update(command.labels)
    labels.setdefault(CORRELATION, command.execution_id)
    return labels
