"""The end of a child execution. It counts only while its parent's task run waits for it."""

from __future__ import annotations

from contracts.execution import ChildEnded
from contracts.language.types.behaviour import ChildEnd
from services.executor.executions.children import child_is_over
from services.executor.executions.turn import Turn


def ended(turn: Turn, command: ChildEnded) -> None:
    run = turn.execution.runs.get(command.task_run_id)
    family = run.children.family if run is not None and run.children is not None else None
    if run is None or family is None or run.ended or command.index not in family.open:
        return
    # The id may be another one: a child that is retried as a new execution is followed by it.
    value = family.values[command.index]
    end = ChildEnd(command.child_id, command.index, value, command.state, command.outputs)
    child_is_over(turn, run, turn.node_of(run), end)
