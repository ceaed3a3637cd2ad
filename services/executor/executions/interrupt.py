"""Ends what is still open below one flowable: after a failure beside it, at its deadline, or when it cannot go on. Workers stop it."""

from __future__ import annotations

from contracts.states import State
from services.executor.executions.state import TaskRun, ancestors
from services.executor.executions.termination import end_run, withdraw
from services.executor.executions.turn import Turn

ENDED_PER_STEP = 200


def interrupt(turn: Turn, owner: TaskRun, state: State, most: int = ENDED_PER_STEP) -> bool:
    """End open runs below in this state, the innermost first. Return whether none is left; a further step goes on with the rest."""
    if turn.interrupted:
        return False
    left = most
    for run in reversed(list(turn.execution.runs.values())):
        if run.ended or owner not in ancestors(run):
            continue
        if not left:
            turn.interrupted = True
            return False
        left -= 1
        if run.children is None and run.state in (State.SUBMITTED, State.RUNNING):
            withdraw(turn, run)
        end_run(turn, run, state)
    return True
