"""Derives a parent's state from its children's states, and applies allowFailure and allowWarning
(docs/language/states.md#result)."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.language.flow.plan import Node
from contracts.states import State
from services.executor.executions.state import Group

RANKED = (State.KILLED, State.CANCELLED, State.FAILED, State.WARNING)


def worst(group: Group, main: tuple[Node, ...]) -> State:
    """Return the state that the ended children give so far. Those of ``errors`` and ``finally`` do not count."""
    if group.loop is not None:
        return worst_of(group.loop.ended)
    found = {run.state for node in main if (run := group.runs.get(node.task.id)) is not None}
    return worst_of(found)


def has_failed(group: Group, main: tuple[Node, ...]) -> bool:
    return any(run.state is State.FAILED for node in main if (run := group.runs.get(node.id)) is not None)


def worst_of(found: Iterable[State]) -> State:
    """Return the worst of these states. SUCCESS if none is worse."""
    present = set(found)
    return next((state for state in RANKED if state in present), State.SUCCESS)


def mapped(state: State, node: Node | None) -> State:
    """Turn FAILED into WARNING with allowFailure, and WARNING into SUCCESS with allowWarning. Both can apply."""
    if node is None:
        return state
    if state is State.FAILED and node.task.allow_failure:
        state = State.WARNING
    if state is State.WARNING and node.task.allow_warning:
        return State.SUCCESS
    return state
