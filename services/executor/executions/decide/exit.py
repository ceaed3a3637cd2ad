"""The task Exit: its execution ends at once. Its run and all above it get the same state, those beside it are stopped."""

from __future__ import annotations

from contracts.execution import AttemptEnded, TaskRunStarted
from contracts.states import State
from services.executor.executions.ending import end_with_open_runs
from services.executor.executions.event import ExecutionEnding
from services.executor.executions.termination import end_run_as_reported
from services.executor.executions.turn import Turn


def exit_execution(turn: Turn, report: AttemptEnded, state: State) -> None:
    execution = turn.execution
    run = execution.runs.get(report.task_run_id)
    if run is None or run.ended:
        return
    turn.emit(
        TaskRunStarted,
        task_run_id=run.id,
        attempt=run.attempt,
        started_at=report.at,
        worker_id=report.worker_id,
    )
    end_run_as_reported(turn, run, state, report)
    if execution.ended or execution.state is State.KILLING:
        return  # a task of afterExecution, or a kill, which is stronger
    ending = ExecutionEnding(
        execution_id=execution.id, state=state, runs=State.KILLED, exited=run.id, outputs=True
    )
    end_with_open_runs(turn, ending)
