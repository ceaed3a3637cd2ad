"""Service levels of a flow, its ``sla`` (docs/language/flows.md#sla): a time, or a condition that must always hold.

A level acts once. What it ends, it ends at once: ``errors`` and ``finally`` do not run, ``afterExecution`` does.
"""

from __future__ import annotations

from datetime import timedelta

from contracts.execution import ExecutionUpdated
from contracts.language.expression.impure import NotHere
from contracts.language.expression.template import compile_template, is_truthy
from contracts.language.flow.model import Sla
from contracts.language.flow.needs import paths_needed
from contracts.language.types.behaviour import RenderingFailed
from contracts.language.types.duration import format_duration
from contracts.states import State
from services.executor.executions.blueprint import by_variable
from services.executor.executions.ending import end_with_open_runs
from services.executor.executions.event import ExecutionEnding, LevelNoted
from services.executor.executions.rendering.question import reads_any
from services.executor.executions.rendering.template import scope_of, text_of
from services.executor.executions.rendering.variables import whole_of
from services.executor.executions.turn import Turn, cut

_NOT_RUNNING = frozenset({State.CREATED, State.QUEUED, State.RESTARTED, State.KILLING})
_BECOMES = {"FAIL": State.FAILED, "CANCEL": State.CANCELLED}


class _Unclear(Exception):
    """The condition cannot be evaluated now, so it holds. The message says why."""


def watch(turn: Turn) -> None:
    """Set the timers of an execution that was created or restarted. An iteration of a loop has none."""
    if turn.execution.kind == "LOOP":
        return
    for sla in turn.blueprint.plan.flow.sla:
        if sla.duration is not None:
            turn.timer(
                f"sla/{turn.execution.id}/{sla.id}", turn.at + round(sla.duration / timedelta(milliseconds=1))
            )


def overdue(turn: Turn, sla_id: str) -> None:
    """The time of a level is over."""
    for sla in turn.blueprint.plan.flow.sla:
        if sla.id == sla_id and sla.duration is not None and _acts(turn, sla):
            shown = format_duration(sla.duration)
            _violate(turn, sla, f"the execution takes longer than {shown}")


def enforce(turn: Turn) -> None:
    """Check the conditions of the flow after something changed."""
    if not turn.step.events or not turn.known or turn.execution.kind == "LOOP":
        return
    for sla in turn.blueprint.assertions:
        if turn.execution.state in _NOT_RUNNING or not _acts(turn, sla):
            continue
        try:
            if not _holds(turn, sla):
                _violate(turn, sla, f"assertion is false: {sla.assert_}")
        except _Unclear as unclear:
            if sla.id not in turn.execution.levels:
                turn.note(LevelNoted(execution_id=turn.execution.id, sla_id=sla.id, violated=False))
                turn.log("WARN", cut(f"SLA '{sla.id}' cannot be evaluated yet, so it holds: {unclear}"))


def _acts(turn: Turn, sla: Sla) -> bool:
    execution = turn.execution
    return not (
        execution.ended
        or execution.ending is not None
        or execution.state is State.KILLING
        or execution.levels.get(sla.id)
    )


def _holds(turn: Turn, sla: Sla) -> bool:
    assert sla.assert_ is not None
    template = compile_template(sla.assert_)
    needs = by_variable(paths_needed([sla.assert_], turn.blueprint.plan.flow.variables))
    variables, references = whole_of(turn, needs)
    if reads_any(template, references):
        raise _Unclear("it reads an output that is in storage")
    try:
        return is_truthy(text_of(template, scope_of(turn, variables)).strip())
    except NotHere as error:
        raise _Unclear(f"only a worker can do that: {error}") from None
    except RenderingFailed as error:
        raise _Unclear(str(error)) from None


def _violate(turn: Turn, sla: Sla, reason: str) -> None:
    execution = turn.execution
    turn.note(LevelNoted(execution_id=execution.id, sla_id=sla.id, violated=True))
    if sla.labels:
        labels = {**execution.labels, **{label.key: label.value for label in sla.labels}}
        turn.emit(ExecutionUpdated, labels=labels)
    message = f"SLA '{sla.id}' violated: {reason}"
    state = _BECOMES.get(sla.behavior)
    if state is None:
        turn.log("WARN", message)
        return
    ending = ExecutionEnding(execution_id=execution.id, state=state, runs=state, reason=message, spares=True)
    end_with_open_runs(turn, ending)
