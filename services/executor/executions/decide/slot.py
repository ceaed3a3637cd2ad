"""The answers of processor ``limits`` to an execution that waits for a concurrency slot."""

from __future__ import annotations

from contracts.execution import ExecutionQueued, SlotGranted, SlotQueued, SlotRefused
from contracts.states import State
from services.executor.executions.ending import end_with_open_runs
from services.executor.executions.event import ExecutionEnding
from services.executor.executions.schedule import run_execution
from services.executor.executions.turn import Turn

_WAITING = frozenset({State.CREATED, State.QUEUED, State.RESTARTED})


def grant(turn: Turn, command: SlotGranted) -> None:
    if _waits(turn, command):
        run_execution(turn)


def queue(turn: Turn, command: SlotQueued) -> None:
    if _waits(turn, command) and turn.execution.state is not State.QUEUED:
        turn.emit(ExecutionQueued)


def refuse(turn: Turn, command: SlotRefused) -> None:
    if not _waits(turn, command):
        return
    state = State.FAILED if command.behavior == "FAIL" else State.CANCELLED
    reason = f"Execution is {state} due to concurrency limit exceeded"
    # A restart may have reopened runs.
    end_with_open_runs(
        turn,
        ExecutionEnding(execution_id=turn.execution.id, state=state, runs=State.KILLED, reason=reason),
    )


def _waits(turn: Turn, command: SlotGranted | SlotQueued | SlotRefused) -> bool:
    execution = turn.execution
    return execution.state in _WAITING and execution.limit_key == command.limit_key
