"""An execution reached a state, and a Flow trigger hears of it: it starts something, notes that a part of what it waits for is met, or
passes it over.

Theory of operation. The executor tells each trigger that may be concerned, at least once, and the events of one execution in their
order. ``heard`` of a trigger knows the executions that it noted, so a message that comes again means nothing. The id of an execution is
derived from the trigger and from the event of the other execution, so it starts once even where ``heard`` has forgotten it.

The definition comes from the registry, on the same topic but in its own time. What concerns a revision that is not here yet is kept until
it comes.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from contracts.codec import encode
from contracts.execution import StartExecution, TriggerRef
from contracts.json_text import loads
from contracts.language.expression.errors import ExpressionError
from contracts.language.flow.flow_condition import MovedScope
from contracts.language.flow.flow_trigger import FlowTrigger, Group, read_flow_trigger
from contracts.language.flow.trigger_start import (
    TriggerStart,
    flow_reference,
    trigger_scope,
    trigger_start,
)
from contracts.language.flow.variables import nested_labels
from contracts.language.types.trigger.flow import FLOW
from contracts.scalars import JsonObject, derive_id, to_iso, trigger_key
from contracts.telemetry import AttemptLogs, LogLine
from contracts.trigger import DefineTrigger, ExecutionMoved, MetCondition, MovedExecution, TriggerHeard, TriggerSkipped
from services.trigger_listener.core.decide.start import send_start
from services.trigger_listener.core.event import MoveKept, MovesTaken
from services.trigger_listener.core.evolve import early_entity
from services.trigger_listener.core.moved import outputs_of, variables_of
from services.trigger_listener.core.state import Met, Trigger
from services.trigger_listener.core.turn import Turn, names
from services.trigger_listener.core.window import span_of, still_met

CORRELATION = "system.correlationId"
WAIT_MS = 600_000
"""How long an execution waits for the definition of the trigger that it concerns."""
MOST_KEPT = 200
"""So many wait for one definition. The first ones go if there are more."""
MAX_START_BYTES = 400_000


@dataclass(slots=True)
class _Verdict:
    """What one execution means to the groups of a trigger."""

    met: list[MetCondition]
    complete: bool
    known: dict[str, Met]
    """All that is met, by group and part."""
    emptied: list[str]


def told(turn: Turn, message: ExecutionMoved) -> None:
    key = trigger_key(message.namespace, message.flow_id, message.trigger_id)
    trigger = turn.state.by_key.get(key)
    if trigger is None or trigger.revision < message.revision:
        if len(turn.state.early.get(key, ())) < MOST_KEPT:
            turn.note(MoveKept(key=key, told=message))
            turn.timer(early_entity(key), turn.at + WAIT_MS)
        return
    if trigger.trigger_type != FLOW.name or trigger.disabled:
        return
    flow = read_flow_trigger(trigger.definition)
    moved = message.moved
    if flow is None or moved.state not in flow.states or trigger.heard.get(moved.id, 0) >= moved.seq:
        return
    _hear(turn, trigger, flow, message)


def catch_up(turn: Turn, message: DefineTrigger) -> None:
    """Decide what was kept until this definition came."""
    key = trigger_key(message.namespace, message.flow_id, message.trigger_id)
    kept = turn.state.early.get(key)
    if not kept:
        return
    waiting = list(kept)
    turn.note(MovesTaken(key=key))
    turn.timer(early_entity(key), None)
    for each in waiting:
        told(turn, each)


def give_up(turn: Turn, name: str) -> None:
    """Nobody defined the trigger, so it was removed."""
    key = name.removeprefix(early_entity(""))
    if key in turn.state.early:
        turn.note(MovesTaken(key=key))


def failed(turn: Turn, message: ExecutionMoved, error: str) -> None:
    """A decision raised. Pass the execution over."""
    key = trigger_key(message.namespace, message.flow_id, message.trigger_id)
    trigger = turn.state.by_key.get(key)
    if trigger is not None:
        _pass_over(turn, trigger, message.moved, error, problem=error)


def _hear(turn: Turn, trigger: Trigger, flow: FlowTrigger, message: ExecutionMoved) -> None:
    moved = message.moved
    scope = _scope(turn, trigger, message, [])
    try:
        wanted = all(each.holds(scope) for each in flow.conditions)
        verdict = _judge(turn, trigger, flow, message, scope) if wanted else None
    except ExpressionError as error:
        problem = f"A condition could not be evaluated for execution {moved.id}, so it does not hold: {error}"
        _pass_over(turn, trigger, moved, "a condition could not be evaluated", problem=problem)
        return
    if verdict is None:
        _pass_over(turn, trigger, moved, f"its conditions do not hold for execution {moved.id}")
    elif not verdict.complete:
        if verdict.met:
            turn.note(_heard(turn, trigger, message, verdict.met))
    elif moved.depth >= turn.most_depth:
        _stop(turn, trigger, message, verdict)
    else:
        _start(turn, trigger, flow, message, verdict)


def _judge(
    turn: Turn, trigger: Trigger, flow: FlowTrigger, message: ExecutionMoved, scope: MovedScope
) -> _Verdict | None:
    """Return None if no group takes notice of the execution. Raise ExpressionError."""
    verdict = _Verdict([], True, {}, [])
    for group in flow.groups:
        met = _met_now(turn, trigger, group, message, scope)
        present = _present(trigger, group, met)
        verdict.met += met
        verdict.known |= {f"{group.id}/{part}": each for part, each in present.items()}
        count = len(present.keys() | {each.part for each in met})
        verdict.complete = verdict.complete and bool(met) and count >= group.least
        if group.resets:
            verdict.emptied.append(group.id)
    return verdict if verdict.met or not flow.groups else None


def _present(trigger: Trigger, group: Group, met: list[MetCondition]) -> dict[str, Met]:
    """Return what was met before, in the window of what is met now."""
    if not met:
        return {}
    parts = {part.id for part in group.parts}
    known = still_met(group.window, (met[0].start, met[0].end), trigger.windows.get(group.id, {}))
    return {part: each for part, each in known.items() if part in parts}


def _met_now(
    turn: Turn, trigger: Trigger, group: Group, message: ExecutionMoved, scope: MovedScope
) -> list[MetCondition]:
    """Return the parts of a group that this execution meets. Nothing if it lies in no window."""
    known = trigger.windows.get(group.id, {})
    span = span_of(group.window, message.at, turn.zone, known)
    if span is None:
        return []
    start, end = span
    return [
        MetCondition(window=group.id, part=part.id, start=start, end=end)
        for part in group.parts
        if part.condition.holds(scope)
    ]


def _heard(  # noqa: PLR0913 - all that it may say
    turn: Turn,
    trigger: Trigger,
    message: ExecutionMoved,
    met: list[MetCondition],
    execution_id: str | None = None,
    emptied: list[str] | None = None,
    problem: str = "",
) -> TriggerHeard:
    moved = message.moved
    return TriggerHeard(
        **names(trigger),
        at=turn.at,
        moved_id=moved.id,
        moved_seq=moved.seq,
        moved_namespace=moved.namespace,
        moved_flow_id=moved.flow_id,
        moved_state=moved.state,
        moved_at=message.at,
        outputs=moved.outputs if met else {},
        met=met,
        execution_id=execution_id,
        emptied=emptied or [],
        problem=problem,
    )


def _start(
    turn: Turn, trigger: Trigger, flow: FlowTrigger, message: ExecutionMoved, verdict: _Verdict
) -> None:
    moved = message.moved
    execution_id = derive_id("flow", trigger.key, moved.id, str(moved.seq))
    earlier = sorted(verdict.known.values(), key=lambda met: met.at)
    scope = _scope(turn, trigger, message, earlier)
    rendered = trigger_start(flow.templates, scope)
    if rendered is None:
        _note_or_pass_over(turn, trigger, message, verdict.met)
        return
    if rendered.undecided:
        problem = f"{rendered.failure} (execution {moved.id}), so nothing is started"
        _tell(turn, trigger, problem)
        turn.note(_heard(turn, trigger, message, verdict.met, problem=problem))
        return
    problem = f"execution {moved.id}: {rendered.failure}" if rendered.failure else ""
    variables = variables_of(moved, earlier, several=bool(flow.groups))
    start = _start_of(turn, trigger, message, execution_id, variables, rendered)
    if len(encode(start)) > MAX_START_BYTES:
        problem = f"execution {moved.id}: the outputs and inputs are larger than {MAX_START_BYTES:,} bytes: pass large values as files"
        start = _without_values(start, problem)
    turn.note(_heard(turn, trigger, message, verdict.met, execution_id, verdict.emptied, problem))
    send_start(turn, trigger, start, locks=bool(flow.stop_after))


def _without_values(start: StartExecution, failure: str) -> StartExecution:
    assert start.trigger is not None
    variables = {**start.trigger.variables, "outputs": {}}
    trigger = msgspec.structs.replace(start.trigger, variables=variables)
    return msgspec.structs.replace(start, inputs={}, trigger=trigger, failure=failure)


def _note_or_pass_over(
    turn: Turn, trigger: Trigger, message: ExecutionMoved, met: list[MetCondition]
) -> None:
    if met:
        turn.note(_heard(turn, trigger, message, met))
    else:
        _pass_over(turn, trigger, message.moved, f"its `when` is false for execution {message.moved.id}")


def _start_of(  # noqa: PLR0913 - what a start consists of
    turn: Turn,
    trigger: Trigger,
    message: ExecutionMoved,
    execution_id: str,
    variables: JsonObject,
    rendered: TriggerStart,
) -> StartExecution:
    moved = message.moved
    correlation = moved.labels.get(CORRELATION, moved.id)
    return StartExecution(
        execution_id=execution_id,
        namespace=trigger.namespace,
        flow_id=trigger.flow_id,
        at=turn.at,
        revision=trigger.revision,
        inputs=rendered.inputs,
        labels={**rendered.labels, "system.from": "trigger", CORRELATION: correlation},
        trigger=TriggerRef(
            id=trigger.trigger_id, type=trigger.trigger_type, variables=variables, depth=moved.depth + 1
        ),
        failure=rendered.failure,
    )


def _stop(turn: Turn, trigger: Trigger, message: ExecutionMoved, verdict: _Verdict) -> None:
    """Break a ring of flows that start each other."""
    moved = message.moved
    problem = (
        f"Execution {moved.id} of {moved.namespace}.{moved.flow_id} is the {moved.depth + 1}th in a row that Flow triggers started, "
        f"so nothing is started any more: do these flows trigger each other? The limit is {turn.most_depth} "
        "(TOCCATA_TRIGGER_LISTENER_FLOW_DEPTH)"
    )
    _tell(turn, trigger, problem)
    turn.note(_heard(turn, trigger, message, verdict.met, emptied=verdict.emptied, problem=problem))


def _pass_over(
    turn: Turn, trigger: Trigger, moved: MovedExecution, reason: str, *, problem: str = ""
) -> None:
    if problem:
        _tell(turn, trigger, problem)
    turn.note(
        TriggerSkipped(
            **names(trigger),
            at=turn.at,
            slot_at=moved.ended_at or turn.at,
            next_at=trigger.next_at,
            reason=reason,
            problem=problem,
        )
    )


def _tell(turn: Turn, trigger: Trigger, problem: str) -> None:
    """Write a line to the log of the trigger, unless the execution before it had a problem, too."""
    if trigger.problem:
        return
    about = derive_id("flow", trigger.key, str(turn.at), problem)
    line = LogLine(level="WARN", at=turn.at, message=problem)
    logs = AttemptLogs(
        execution_id=about,
        namespace=trigger.namespace,
        flow_id=trigger.flow_id,
        first=1,
        lines=[line],
        trigger_id=trigger.trigger_id,
    )
    turn.send("attempts.logs", about, logs)


def _scope(turn: Turn, trigger: Trigger, message: ExecutionMoved, earlier: list[Met]) -> MovedScope:
    """Return what templates see: ``trigger``, the flow of the trigger, and what they read of the execution."""
    moved = message.moved
    of_the_flow: JsonObject = loads(trigger.variables) if trigger.variables else {}
    variables: JsonObject = {
        **of_the_flow,
        "execution": _execution(moved),
        **moved.seen,
        **flow_reference(trigger.namespace, trigger.flow_id, trigger.revision),
        "labels": nested_labels(moved.labels),
        "trigger": variables_of(moved, earlier, several=bool(earlier)),
    }
    scope = trigger_scope(variables, message.at, f"{trigger.key}/{moved.id}/{moved.seq}")
    return MovedScope(scope, moved)


def _execution(moved: MovedExecution) -> JsonObject:
    return {
        "id": moved.id,
        "startDate": to_iso(moved.started_at),
        "state": moved.state.value,
        "outputs": outputs_of(moved, []),
    }
