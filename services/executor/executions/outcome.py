"""How the states of children make the state of their parent, and what allowFailure and allowWarning make of it
(docs/language/states.md#result)."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.language.flow.plan import Node
from contracts.states import State
from services.executor.executions.state import Group

RANKED = (State.KILLED, State.CANCELLED, State.FAILED, State.WARNING)


def worst(group: Group, main: tuple[Node, ...]) -> State:
    """The state that the children which ended give so far; those of ``errors`` and ``finally`` do not count."""
    if group.loop is not None:
        return _worst_of(group.loop.ended)
    found = {run.state for node in main if (run := group.runs.get(node.task.id)) is not None}
    return _worst_of(found)


def _worst_of(found: Iterable[State]) -> State:
    present = set(found)
    return next((state for state in RANKED if state in present), State.SUCCESS)


def mapped(state: State, node: Node | None) -> State:
    """FAILED is WARNING with allowFailure, WARNING is SUCCESS with allowWarning, and both together."""
    if node is None:
        return state
    if state is State.FAILED and node.task.allow_failure:
        state = State.WARNING
    if state is State.WARNING and node.task.allow_warning:
        return State.SUCCESS
    return state
