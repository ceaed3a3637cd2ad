"""Timers that are due. Each checks its purpose: an outdated timer does nothing."""

from __future__ import annotations

from contracts.states import State
from services.executor.executions.admission import take_slot_or_run
from services.executor.executions.decide.evaluation import resume
from services.executor.executions.decide.kill import stop_runs
from services.executor.executions.submission import resubmit
from services.executor.executions.turn import Turn
from services.executor.executions.waiting import wake


def fire(turn: Turn, kind: str, rest: str) -> None:
    """Fire a timer ``<kind>/<execution id>/<rest>`` of an execution in memory."""
    execution = turn.execution
    if kind == "start":
        if execution.state is State.CREATED:
            take_slot_or_run(turn)
    elif kind == "retry":
        run = execution.runs.get(rest)
        if (
            run is not None
            and run.state is State.RETRYING
            and run.retry_at is not None
            and run.retry_at <= turn.at
            and not execution.held
        ):
            resubmit(turn, run)
    elif kind == "wake":
        waiting = execution.runs.get(rest)
        if waiting is not None and execution.state is not State.KILLING:
            wake(turn, waiting)
    elif kind == "resume":
        resume(turn, rest)
    elif kind == "advance":
        owner = execution.runs.get(rest) if rest else None
        if owner is not None or not rest:
            turn.look_at(owner)
    elif kind == "kill" and execution.state is State.KILLING:
        stop_runs(turn, int(rest))
