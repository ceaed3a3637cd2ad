"""Deadlines of flowables: a common ``timeout``, and the ``maxDuration`` of loops (docs/language/tasks.md#timeout)."""

from __future__ import annotations

from datetime import timedelta

from contracts.language.flow.plan import Node
from contracts.language.types.behaviour import Deadline, Opening, Rendering
from contracts.language.types.duration import format_duration
from contracts.language.types.flowable.span import milliseconds_of
from contracts.states import State
from services.executor.executions.evaluation import close
from services.executor.executions.event import DeadlineSet, RoundsOver
from services.executor.executions.interrupt import interrupt
from services.executor.executions.outcome import mapped
from services.executor.executions.state import TaskRun
from services.executor.executions.termination import deadline_timer, end_run
from services.executor.executions.turn import Turn
from services.executor.executions.waiting import leave_pause


def timeout_of(node: Node, rendering: Rendering) -> Deadline | None:
    """Return what the common property ``timeout`` means for a flowable. Raise RenderingFailed or AnswerNeeded."""
    if node.timeout is None or node.flowable is None or node.flowable.own_timeout:
        return None
    milliseconds = milliseconds_of(node.timeout, rendering)
    shown = format_duration(timedelta(milliseconds=milliseconds))
    return Deadline(milliseconds, State.FAILED, f"Timeout after {shown}")


def watch(turn: Turn, run: TaskRun, opening: Opening, timeout: Deadline | None) -> None:
    """Set the timer of a flowable that opens."""
    found = [each for each in (opening.deadline, timeout) if each is not None]
    if not found:
        return
    first = min(found, key=lambda each: each.milliseconds)
    turn.note(
        DeadlineSet(execution_id=turn.execution.id, task_run_id=run.id, then=first.then, reason=first.reason)
    )
    turn.timer(deadline_timer(turn, run), turn.at + first.milliseconds)


def pass_deadline(turn: Turn, run: TaskRun) -> None:
    """The time of a flowable is over."""
    if run.ended or run.deadline is None or run.children is None or turn.execution.state is State.KILLING:
        return
    state, reason = run.deadline
    if not interrupt(turn, run, State.CANCELLED if state is State.SUCCESS else State.FAILED):
        turn.timer(deadline_timer(turn, run), turn.at)
        return
    turn.log("WARN" if state is State.SUCCESS else "ERROR", reason, run)
    if run.waits or run.children.family is not None:
        end_run(turn, run, mapped(state, turn.node_of(run)))
    else:
        close(turn, run.id)  # nothing more is to be decided about its rounds
        turn.note(RoundsOver(execution_id=turn.execution.id, task_run_id=run.id, then=state))
        turn.look_at(run)
    leave_pause(turn)
