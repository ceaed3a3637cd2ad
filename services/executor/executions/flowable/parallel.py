"""``Parallel``: all at once, or ``concurrent`` of them. After a failure that stands, nothing new begins."""

from __future__ import annotations

from contracts.language.flow.plan import Node
from services.executor.executions.flowable.opening import NOTHING, Opening
from services.executor.executions.place import Place
from services.executor.executions.state import Group, TaskRun
from services.executor.executions.turn import Turn


def opening(turn: Turn, node: Node, run: TaskRun) -> Opening:  # noqa: ARG001 - one signature for all kinds
    return NOTHING


def following(owner: TaskRun | None, group: Group, main: tuple[Node, ...]) -> Place | None:
    limit = owner_limit(owner, main)
    if limit and group.open >= limit:
        return None
    node = next((node for node in main if node.task.id not in group.runs), None)
    return Place(node, owner) if node is not None else None


def owner_limit(owner: TaskRun | None, main: tuple[Node, ...]) -> int:
    """0: no limit. Read from the parent node of any child."""
    parent = main[0].parent if main and owner is not None else None
    return parent.concurrent if parent is not None else 0
