"""Stops a task run before it begins, because the execution has a breakpoint there."""

from __future__ import annotations

from contracts.execution import ExecutionSuspended, TaskRunSuspended
from contracts.states import State
from services.executor.executions.state import TaskRun
from services.executor.executions.turn import Turn

_BEGINS = frozenset({State.CREATED, State.RESTARTED})


def is_breakpoint(turn: Turn, run: TaskRun) -> bool:
    """Return whether the run stops here. One that has stopped goes on, and so does what runs after the end."""
    execution = turn.execution
    if not execution.breakpoints or run.state not in _BEGINS or execution.ended:
        return False
    return run.task_id in execution.breakpoints or f"{run.task_id}.{run.value}" in execution.breakpoints


def suspend(turn: Turn, run: TaskRun) -> None:
    """Stop a run that exists already."""
    turn.emit(TaskRunSuspended, task_run_id=run.id)
    turn.emit(ExecutionSuspended)
    turn.log("INFO", "The execution is suspended at a breakpoint.", run)
