"""Runs an execution that waits, whatever its limit or its date, or ends it (docs/language/states.md#by-hand)."""

from __future__ import annotations

from contracts.execution import ResumeExecution, UnqueueExecution
from contracts.limit import ReleaseSlot
from contracts.states import State
from services.executor.executions.decide.pause import resume
from services.executor.executions.ending import end_with_open_runs
from services.executor.executions.event import ExecutionEnding
from services.executor.executions.schedule import run_execution
from services.executor.executions.turn import Turn

ENDS = frozenset({State.CANCELLED, State.FAILED})


def unqueue(turn: Turn, command: UnqueueExecution) -> None:
    execution = turn.execution
    waits = execution.state is State.QUEUED or (command.force and execution.state is State.CREATED)
    if command.force and execution.state is State.PAUSED:
        resume(turn, ResumeExecution(execution_id=execution.id, at=turn.at))
    elif waits and command.state in ENDS:
        # A restart may have reopened runs. The end leaves the queue.
        end_with_open_runs(
            turn, ExecutionEnding(execution_id=execution.id, state=command.state, runs=State.KILLED)
        )
    elif waits and command.state is State.RUNNING:
        _leave_queue(turn)
        run_execution(turn)


def _leave_queue(turn: Turn) -> None:
    """It runs without a slot. So a slot that it gets at this moment is free again, too."""
    execution = turn.execution
    if execution.scheduled_at is not None and execution.scheduled_at > turn.at:
        turn.timer(f"start/{execution.id}", None)
    if execution.limit_key is not None:
        turn.send(
            "limits.commands",
            execution.limit_key,
            ReleaseSlot(limit_key=execution.limit_key, execution_id=execution.id, at=turn.at),
        )
