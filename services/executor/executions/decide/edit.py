"""Changes of labels and of the final state, by hand (docs/language/states.md#by-hand). The execution may have left memory."""

from __future__ import annotations

from contracts.execution import EditExecution, ExecutionStateChanged, ExecutionUpdated
from contracts.states import ENDED, State
from services.executor.executions.turn import Turn

SYSTEM = "system."


def edit(turn: Turn, command: EditExecution) -> None:
    """The caller has checked that the record, if there is one, is the latest."""
    execution = turn.execution
    labels = execution.labels
    if command.labels is not None:
        own = {key: value for key, value in labels.items() if key.startswith(SYSTEM)}
        labels = {key: value for key, value in command.labels.items() if not key.startswith(SYSTEM)} | own
    labels = {**labels, **command.marks}
    if labels != execution.labels:
        turn.emit(ExecutionUpdated, labels=labels)
        execution.seq += execution.id not in turn.state.executions
    state = command.state
    allowed = state in ENDED and state is not State.SKIPPED and execution.ended
    if allowed and state is not execution.state:
        turn.emit(ExecutionStateChanged, state=state)
