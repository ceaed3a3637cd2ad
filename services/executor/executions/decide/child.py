"""The end of a child execution. It counts only while its parent's task run waits for it."""

from __future__ import annotations

from contracts.execution import ChildEnded, ChildPaused
from contracts.language.types.behaviour import ChildEnd
from contracts.states import State
from services.executor.executions.children import child_is_held, child_is_over
from services.executor.executions.turn import Turn


def paused(turn: Turn, command: ChildPaused) -> None:
    run = turn.execution.runs.get(command.task_run_id)
    family = run.children.family if run is not None and run.children is not None else None
    if run is None or family is None or run.ended or turn.execution.state is State.KILLING:
        return
    flowable = turn.node_of(run).flowable
    known = command.index in family.open and command.attempt == run.attempt + 1
    if known and flowable is not None and flowable.children is not None:
        node = turn.node_of(run)
        if flowable.children.pauses(node.compiled):
            child_is_held(turn, run, command.index, held=command.paused)


def ended(turn: Turn, command: ChildEnded) -> None:
    run = turn.execution.runs.get(command.task_run_id)
    family = run.children.family if run is not None and run.children is not None else None
    if run is None or family is None or run.ended or command.index not in family.open:
        return
    if command.attempt != run.attempt + 1:
        return  # of an attempt that is over
    # The id may be another one: a child that is retried as a new execution is followed by it.
    value = family.values[command.index]
    end = ChildEnd(command.child_id, command.index, value, command.state, command.outputs)
    child_is_over(turn, run, turn.node_of(run), end)
