"""Timers that are due. Each checks its purpose: an outdated timer does nothing."""

from __future__ import annotations

from contracts.states import State
from services.executor.executions.admission import take_slot_or_run
from services.executor.executions.deadline import pass_deadline
from services.executor.executions.decide import restore
from services.executor.executions.decide.evaluation import resume
from services.executor.executions.decide.kill import stop_runs
from services.executor.executions.levels import overdue
from services.executor.executions.state import TaskRun
from services.executor.executions.submission import resubmit
from services.executor.executions.task_run import go_on
from services.executor.executions.turn import Turn
from services.executor.executions.waiting import wake


def fire(turn: Turn, kind: str, rest: str) -> None:
    """Fire a timer ``<kind>/<execution id>/<rest>`` of an execution in memory."""
    execution = turn.execution
    run = execution.runs.get(rest) if rest else None
    if kind == "start":
        if execution.state in (State.CREATED, State.RESTARTED):
            take_slot_or_run(turn)
    elif kind == "restore":
        restore.go_on(turn)
    elif kind == "sla":
        overdue(turn, rest)
    elif kind == "resume":
        resume(turn, rest)
    elif kind == "advance":
        if run is not None or not rest:
            turn.look_at(run)
    elif kind == "kill":
        if execution.state is State.KILLING:
            stop_runs(turn, int(rest))
    elif run is not None:
        _of_run(turn, kind, run)


def _of_run(turn: Turn, kind: str, run: TaskRun) -> None:
    execution = turn.execution
    if kind == "deadline":
        pass_deadline(turn, run)
    elif kind == "wake":
        if execution.state is not State.KILLING:
            wake(turn, run)
    elif kind == "retry" and run.state is State.RETRYING and not execution.held:
        if run.retry_at is None or run.retry_at > turn.at:
            return
        if run.children is None:
            resubmit(turn, run)
        else:
            go_on(turn, run)
