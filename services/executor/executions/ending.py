"""Ends an execution together with all its open runs. If there are many, a step ends some of them and a timer continues, as a kill
does. Until then nothing else happens to the execution.

:func:`begin_to_end` is for an internal error. Its step has one event of a fixed size, so its record always fits.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from contracts.codec import encode
from contracts.scalars import Millis
from contracts.states import State
from services.executor.executions.event import ExecutionClosed, ExecutionEnding
from services.executor.executions.retry_execution import send_successor
from services.executor.executions.schedule import settle_later
from services.executor.executions.state import TaskRun, ancestors
from services.executor.executions.termination import end_execution, end_run, withdraw
from services.executor.executions.turn import MUCH_BYTES, Turn, cut

ENDED_PER_STEP = 200


def begin_to_end(turn: Turn, ending: ExecutionEnding) -> None:
    """Only note that the execution ends. Each further step is small, and renders nothing."""
    turn.note(ending)
    turn.timer(_timer(turn, len(turn.execution.runs)), turn.at)


def end_with_open_runs(turn: Turn, ending: ExecutionEnding) -> None:
    """End everything now if one record can hold it."""
    open_runs = [run for run in reversed(turn.execution.runs.values()) if not run.ended]
    if len(open_runs) > ENDED_PER_STEP or _has_large_successor(turn, ending):
        begin_to_end(turn, ending)
        return
    _end_runs(turn, open_runs, ending)
    _end(turn, ending)


def retry_anew(turn: Turn, run_id: str, due: Millis) -> None:
    """End the execution RETRIED, and start another one at a date. The run failed, and its policy says so."""
    end_run(turn, turn.execution.runs[run_id], State.RETRIED)
    ending = ExecutionEnding(
        execution_id=turn.execution.id,
        state=State.RETRIED,
        runs=State.KILLED,
        retried=run_id,
        successor_at=due,
    )
    end_with_open_runs(turn, ending)


def end_more(turn: Turn, before: int) -> None:
    """End open runs with a number below ``before``, the last first. No run is created any more, so the numbers are stable."""
    execution = turn.execution
    ending = execution.ending
    if ending is None:
        return
    first = max(0, before - ENDED_PER_STEP)
    page = list(islice(execution.runs.values(), first, before))
    open_runs = [run for run in reversed(page) if not run.ended]
    _end_runs(turn, open_runs, ending)
    if first or (open_runs and _has_large_successor(turn, ending)):  # that start needs a record of its own
        turn.timer(_timer(turn, first), turn.at)
        return
    _end(turn, ending)
    settle_later(turn)  # the tasks of afterExecution may raise again, which must not undo this end


def internal_error(turn: Turn, error: str, *, ending: bool) -> None:
    """End the execution after a step that raised. If that step was ``ending`` it, leave its runs as they are."""
    if turn.execution.ending is None:
        begin_to_end(turn, _internal(turn, error))
    elif ending:
        _end(turn, turn.execution.ending)
        settle_later(turn)


def _internal(turn: Turn, error: str) -> ExecutionEnding:
    return ExecutionEnding(
        execution_id=turn.execution.id,
        state=State.FAILED,
        runs=State.FAILED,
        reason=cut(f"Internal error: {error}"),
    )


def _timer(turn: Turn, before: int) -> str:
    return f"end/{turn.execution.id}/{before}"


def _has_large_successor(turn: Turn, ending: ExecutionEnding) -> bool:
    return ending.successor_at is not None and len(encode(turn.execution.inputs)) > MUCH_BYTES


def _end_runs(turn: Turn, runs: Iterable[TaskRun], ending: ExecutionEnding) -> None:
    execution = turn.execution
    cause = execution.runs.get(ending.retried or ending.exited or "")
    above = {parent.id for parent in ancestors(cause)}
    theirs = State.RETRIED if ending.retried is not None else ending.state
    for run in runs:
        if run.children is None and run.state in (State.SUBMITTED, State.RUNNING):
            withdraw(turn, run)
        end_run(turn, run, theirs if run.id in above else ending.runs, spares=ending.spares)


def _end(turn: Turn, ending: ExecutionEnding) -> None:
    execution = turn.execution
    if ending.successor_at is not None:
        send_successor(turn, ending.successor_at)
    if execution.ended:
        turn.note(ExecutionClosed(execution_id=execution.id, at=turn.at))
    else:
        end_execution(turn, ending.state, ending.reason, with_outputs=ending.outputs)
