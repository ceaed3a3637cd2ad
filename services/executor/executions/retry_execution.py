"""Behaviour CREATE_NEW_EXECUTION: the execution ends RETRIED, and another one starts with the same command."""

from __future__ import annotations

from contracts.execution import AttemptEnded, StartExecution
from contracts.scalars import Millis, derive_id
from contracts.states import State
from services.executor.executions.state import TaskRun, ancestors
from services.executor.executions.termination import end_execution, end_open_runs, end_run_as_reported
from services.executor.executions.turn import Turn


def retry_as_new_execution(turn: Turn, failed: TaskRun, report: AttemptEnded, due: Millis) -> None:
    """End the failed run and its ancestors RETRIED. Withdraw and kill the runs beside it."""
    end_run_as_reported(turn, failed, State.RETRIED, report)
    above = {parent.id for parent in ancestors(failed)}
    end_open_runs(turn, State.KILLED, dict.fromkeys(above, State.RETRIED))
    _send_successor(turn, due)
    end_execution(turn, State.RETRIED)


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
        kind=old.kind,  # type: ignore[arg-type]  # it was one of these in the start
        attempt_number=old.attempt_number + 1,
        trace_parent=old.trace_parent,
    )
    turn.send("executions.admitted", successor.execution_id, successor)
