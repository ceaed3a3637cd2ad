"""Behaviour CREATE_NEW_EXECUTION: the execution ends RETRIED, and another one starts with the same command."""

from __future__ import annotations

from contracts.execution import StartExecution
from contracts.scalars import Millis, derive_id
from services.executor.executions.turn import Turn


def send_successor(turn: Turn, due: Millis) -> None:
    """Send the start of the execution that tries again."""
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
        variables=old.variables,
        parent=old.parent,
    )
    turn.send("executions.admitted", successor.execution_id, successor)
