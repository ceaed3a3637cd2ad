"""Behaviour CREATE_NEW_EXECUTION: the execution ends RETRIED and another one of the same wish follows."""

from __future__ import annotations

from contracts.execution import AttemptEnded, StartExecution, TaskRunEnded
from contracts.scalars import Millis, derive_id
from contracts.states import State
from contracts.work import WithdrawAttempt
from services.executor.executions.state import TaskRun, ancestors
from services.executor.executions.termination import end_execution
from services.executor.executions.turn import Turn


def retry_as_new_execution(turn: Turn, failed: TaskRun, command: AttemptEnded, due: Millis) -> None:
    """The failed run and its ancestors are RETRIED; what ran beside it is withdrawn and KILLED."""
    turn.emit(
        TaskRunEnded,
        task_run_id=failed.id,
        state=State.RETRIED,
        attempt=failed.attempt,
        ended_at=command.at,
        outputs=command.outputs,
        outputs_uri=command.outputs_uri,
        message=command.message,
    )
    above = {parent.id for parent in ancestors(failed)}
    end_open_runs(turn, State.KILLED, dict.fromkeys(above, State.RETRIED))
    _send_successor(turn, due)
    end_execution(turn, State.RETRIED)


def end_open_runs(turn: Turn, state: State, instead: dict[str, State] | None = None) -> None:
    """Withdraw and end all that is open, the innermost first."""
    execution = turn.execution
    for run in [run for run in reversed(execution.runs.values()) if not run.ended]:
        if run.children is None and run.state in (State.SUBMITTED, State.RUNNING):
            withdraw(turn, run)
        if run.retry_at is not None:
            turn.timer(f"retry/{execution.id}/{run.id}", None)
        final = (instead or {}).get(run.id, state)
        turn.emit(TaskRunEnded, task_run_id=run.id, state=final, attempt=run.attempt, ended_at=turn.at)


def withdraw(turn: Turn, run: TaskRun) -> None:
    group = turn.setting.group
    turn.send(
        "dispatch.commands",
        group,
        WithdrawAttempt(
            group=group,
            execution_id=turn.execution.id,
            task_run_id=run.id,
            attempt=run.attempt,
            at=turn.at,
        ),
    )


def _send_successor(turn: Turn, due: Millis) -> None:
    old = turn.execution
    successor = StartExecution(
        execution_id=derive_id("retry", old.id, str(old.attempt_number + 1)),
        namespace=old.namespace,
        flow_id=old.flow_id,
        revision=old.revision,
        at=turn.at,
        inputs=old.inputs,
        labels=old.labels,
        trigger=old.trigger,
        parent_id=old.id,
        original_id=old.original_id or old.id,
        scheduled_at=due,
        kind=old.kind,  # type: ignore[arg-type]  # it came as one of these
        attempt_number=old.attempt_number + 1,
        trace_parent=old.trace_parent,
    )
    turn.send("executions.starts", successor.execution_id, successor)
