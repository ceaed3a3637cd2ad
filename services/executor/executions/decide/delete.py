"""Deletion of an ended execution (ADR 0028). It is an event like any other, so it stands behind everything that it deletes."""

from __future__ import annotations

from contracts.execution import DeleteExecution, ExecutionDeleted
from contracts.telemetry import LogsDeleted, MetricsDeleted
from services.executor.executions.turn import Turn


def delete(turn: Turn, command: DeleteExecution) -> None:
    """The caller has checked that the record is the latest, and that the execution has left memory."""
    execution_id = turn.execution.id
    turn.emit(ExecutionDeleted)
    if command.logs:
        turn.send("attempts.logs", execution_id, LogsDeleted(execution_id=execution_id))
    if command.metrics:
        turn.send("attempts.metrics", execution_id, MetricsDeleted(execution_id=execution_id))
