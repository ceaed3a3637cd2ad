"""Kill (docs/language/states.md#kill). What waits ends at once. Workers stop what runs, and their answers are awaited."""

from __future__ import annotations

from itertools import islice

from contracts.execution import ExecutionKilling
from contracts.states import State
from services.executor.executions.directory import stop
from services.executor.executions.ending import end_with_open_runs
from services.executor.executions.event import ExecutionEnding
from services.executor.executions.termination import end_run, kill_children, withdraw
from services.executor.executions.turn import Turn

STOPPED_PER_STEP = 200

_NOT_BEGUN = frozenset({State.CREATED, State.QUEUED})
_DOES_NOT_RUN = frozenset({State.CREATED, State.RESTARTED, State.BREAKPOINT, State.RETRYING})


def kill(turn: Turn) -> None:
    execution = turn.execution
    if execution.state is State.KILLING:
        return
    if execution.ended:
        _stop_after_execution(turn)
        return
    if execution.state in _NOT_BEGUN:
        # A restart may have reopened runs.
        end_with_open_runs(
            turn, ExecutionEnding(execution_id=execution.id, state=State.KILLED, runs=State.KILLED)
        )
        return
    turn.emit(ExecutionKilling)
    stop_runs(turn, 0)


def stop_runs(turn: Turn, first: int) -> None:
    """Stop the runs from number ``first`` on. No run is created any more, so the numbers are stable. Many runs take several steps."""
    execution = turn.execution
    turn.look_at(None)
    runs = list(islice(execution.runs.values(), first, first + STOPPED_PER_STEP))
    for run in runs:
        if run.children is not None:
            kill_children(turn, run)
            stop(turn, run)
            turn.look_at(run)
        elif run.state in _DOES_NOT_RUN:
            end_run(turn, run, State.KILLED)
        elif not run.ended:
            withdraw(turn, run)
    if first + len(runs) < len(execution.runs):
        turn.timer(f"kill/{execution.id}/{first + len(runs)}", turn.at)


def _stop_after_execution(turn: Turn) -> None:
    """Stop the tasks of ``afterExecution`` that run. The execution keeps its final state, and the next of these tasks follows."""
    for run in list(turn.execution.runs.values()):
        if run.ended:
            continue
        if run.children is not None:
            kill_children(turn, run)
            if run.waits and run.children.family is None:
                end_run(turn, run, State.KILLED)
        elif run.state in _DOES_NOT_RUN:
            end_run(turn, run, State.KILLED)
        else:
            withdraw(turn, run)
