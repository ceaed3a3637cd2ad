"""Turns an execution as projected into the start of another one that repeats it."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.execution import Replay, StartExecution
from contracts.scalars import JsonObject, Millis
from services.web.core.problem import invalid_argument
from services.web.core.rows import ExecutionRow, record_of

REPLAY = "system.replay"
REPLAYED = "system.replayed"
RESTARTED = "system.restarted"


@dataclass(frozen=True, slots=True)
class Repetition:
    """What a replay changes."""

    execution_id: str
    """Of the new execution."""
    at: Millis
    flows_position: int
    revision: int | None = None
    """None: the one that ran."""
    task_run_id: str | None = None
    """None: from the beginning."""
    inputs: JsonObject | None = None
    """Raw values. None: those of the execution."""
    breakpoints: list[str] = field(default_factory=list)
    """Tasks before which it stops."""


def replay(row: ExecutionRow, change: Repetition) -> StartExecution:
    """Raises Problem for a task run that does not exist."""
    if change.task_run_id is not None and all(run.id != change.task_run_id for run in row.task_runs):
        raise invalid_argument(f"Task run id '{change.task_run_id}' not found in execution '{row.id}'")
    taken = Replay(record=record_of(row), task_run_id=change.task_run_id) if change.task_run_id else None
    return _repeat(row, change, REPLAY, taken)


def restart_anew(row: ExecutionRow, change: Repetition) -> StartExecution:
    """A restart on another revision: only what failed runs again, and it is another execution."""
    return _repeat(row, change, RESTARTED, Replay(record=record_of(row)))


def _repeat(row: ExecutionRow, change: Repetition, label: str, taken: Replay | None) -> StartExecution:
    return StartExecution(
        execution_id=change.execution_id,
        namespace=row.namespace,
        flow_id=row.flow_id,
        at=change.at,
        revision=change.revision if change.revision is not None else row.revision,
        inputs=row.inputs if change.inputs is None else change.inputs,
        labels={**row.labels, label: "true"},
        trigger=row.trigger,
        flows_position=change.flows_position,
        parent_id=row.id,
        original_id=row.original_id or row.id,
        kind=row.kind,  # type: ignore[arg-type]  # it was one of these in the start
        attempt_number=row.attempt_number + 1,
        trace_parent=row.trace_parent,
        replay=taken,
        variables=row.variables,
        breakpoints=change.breakpoints,
    )
