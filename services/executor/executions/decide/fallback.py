"""What follows when the worker group of an attempt has no worker (docs/language/tasks.md#worker-group)."""

from __future__ import annotations

from contracts.states import State
from services.executor.executions.ending import end_with_open_runs
from services.executor.executions.event import ExecutionEnding
from services.executor.executions.group import written_group
from services.executor.executions.termination import end_run_with_reason
from services.executor.executions.turn import Turn


def cancelled_unserved(turn: Turn, task_run_id: str, reason: str) -> bool:
    """End the execution CANCELLED if the task says so. Return whether it did; if not, the attempt has failed."""
    execution = turn.execution
    run = execution.runs.get(task_run_id)
    if run is None or execution.ended or execution.state is State.KILLING:
        return False
    group = written_group(turn, turn.node_of(run))
    if group is None or group.fallback != "CANCEL":
        return False
    end_run_with_reason(turn, run, State.CANCELLED, reason)
    end_with_open_runs(
        turn,
        ExecutionEnding(
            execution_id=execution.id,
            state=State.CANCELLED,
            runs=State.KILLED,
            reason=f"{run.task_id}: {reason}",
        ),
    )
    return True
