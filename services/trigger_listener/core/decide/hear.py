"""What a Flow trigger makes of an execution that it hears of: it starts something, notes that a part of what it waits for is met, or passes it
over."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from contracts.codec import encode
from contracts.execution import StartExecution
from contracts.json_text import loads
from contracts.language.expression.errors import ExpressionError
from contracts.language.flow.flow_condition import MovedScope
from contracts.language.flow.flow_trigger import FlowTrigger, Group
from contracts.language.flow.trigger_start import flow_reference, trigger_scope, trigger_start
from contracts.language.flow.variables import nested_labels
from contracts.scalars import JsonObject, derive_id, to_iso
from contracts.trigger import ExecutionMoved, MetCondition, MovedExecution, TriggerHeard, TriggerSkipped
from services.trigger_listener.core.decide.start import send_start, start_of
from services.trigger_listener.core.moved import outputs_of, variables_of
from services.trigger_listener.core.state import Met, Trigger
from services.trigger_listener.core.turn import Turn, names
from services.trigger_listener.core.window import span_of, still_met

CORRELATION = "system.correlationId"
MAX_START_BYTES = 400_000
_UNCLEAR = "a condition could not be evaluated"


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What one execution means to the groups of a trigger."""

    met: list[MetCondition]
    complete: bool
    known: list[Met]
    """What was met before, the earliest first."""
    emptied: list[str]
    problem: str
    """What could not be evaluated, so it does not hold."""


def hear(turn: Turn, trigger: Trigger, flow: FlowTrigger, message: ExecutionMoved) -> None:
    moved = message.moved
    scope = _scope(trigger, message, [])
    try:
        wanted = all(each.holds(scope) for each in flow.conditions)
    except ExpressionError as error:
        pass_over(turn, trigger, moved, _UNCLEAR, problem=_unclear(moved, error))
        return
    none = f"its conditions do not hold for execution {moved.id}"
    if not wanted:
        pass_over(turn, trigger, moved, none)
        return
    verdict = _judge(turn, trigger, flow, message, scope)
    if flow.groups and not verdict.met:
        pass_over(turn, trigger, moved, _UNCLEAR if verdict.problem else none, problem=verdict.problem)
    elif not verdict.complete:
        _tell(turn, trigger, verdict.problem)
        turn.note(_heard(turn, trigger, message, verdict.met, problem=verdict.problem))
    elif moved.depth >= turn.most_depth:
        _stop(turn, trigger, message, verdict)
    else:
        _start(turn, trigger, flow, message, verdict)


def _judge(
    turn: Turn, trigger: Trigger, flow: FlowTrigger, message: ExecutionMoved, scope: MovedScope
) -> _Verdict:
    met: list[MetCondition] = []
    known: list[Met] = []
    complete, problem = True, ""
    for group in flow.groups:
        now, unclear = _met_now(turn, trigger, group, message, scope)
        before = _met_before(trigger, group, now)
        met += now
        known += before.values()
        count = len(before.keys() | {each.part for each in now})
        complete = complete and bool(now) and count >= group.least
        problem = problem or unclear
    emptied = [group.id for group in flow.groups if group.resets]
    return _Verdict(met, complete, sorted(known, key=lambda each: each.at), emptied, problem)


def _met_before(trigger: Trigger, group: Group, now: list[MetCondition]) -> dict[str, Met]:
    """Return what was met before, in the window of what is met now. A part that is met again counts only once."""
    if not now:
        return {}
    parts = {part.id for part in group.parts} - {each.part for each in now}
    known = still_met(group.window, (now[0].start, now[0].end), trigger.windows.get(group.id, {}))
    return {part: each for part, each in known.items() if part in parts}


def _met_now(
    turn: Turn, trigger: Trigger, group: Group, message: ExecutionMoved, scope: MovedScope
) -> tuple[list[MetCondition], str]:
    """Return the parts of a group that this execution meets, nothing if it lies in no window; and what could not be evaluated."""
    span = span_of(group.window, message.at, turn.zone, trigger.windows.get(group.id, {}))
    met: list[MetCondition] = []
    problem = ""
    for part in group.parts if span is not None else ():
        assert span is not None
        try:
            if part.condition.holds(scope):
                met.append(MetCondition(window=group.id, part=part.id, start=span[0], end=span[1]))
        except ExpressionError as error:
            problem = _unclear(message.moved, error)
    return met, problem


def _unclear(moved: MovedExecution, error: ExpressionError) -> str:
    return f"A condition could not be evaluated for execution {moved.id}, so it does not hold: {error}"


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
    scope = _scope(trigger, message, verdict.known)
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
    variables = variables_of(moved, verdict.known, several=bool(flow.groups))
    start = _as_heard(start_of(turn, trigger, execution_id, variables, rendered), moved)
    if len(encode(start)) > MAX_START_BYTES:
        problem = f"execution {moved.id}: the outputs and inputs are larger than {MAX_START_BYTES:,} bytes: pass large values as files"
        start = _without_values(start, problem)
    turn.note(_heard(turn, trigger, message, verdict.met, execution_id, verdict.emptied, problem))
    send_start(turn, trigger, start, locks=False)


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
        pass_over(turn, trigger, message.moved, f"its `when` is false for execution {message.moved.id}")


def _as_heard(start: StartExecution, moved: MovedExecution) -> StartExecution:
    """Return the start with what it has from the execution behind it."""
    assert start.trigger is not None
    correlation = moved.labels.get(CORRELATION, moved.id)
    return msgspec.structs.replace(
        start,
        labels={**start.labels, "system.from": "trigger", CORRELATION: correlation},
        trigger=msgspec.structs.replace(start.trigger, depth=moved.depth + 1),
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


def pass_over(turn: Turn, trigger: Trigger, moved: MovedExecution, reason: str, *, problem: str = "") -> None:
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
    if trigger.problem or not problem:
        return
    turn.warn(trigger, derive_id("flow", trigger.key, str(turn.at), problem), 1, problem)


def _scope(trigger: Trigger, message: ExecutionMoved, earlier: list[Met]) -> MovedScope:
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
