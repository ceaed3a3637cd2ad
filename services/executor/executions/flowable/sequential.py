"""``Sequential``, the execution itself, and the chosen branch of an ``If``: one task after another, until one does not
end well."""

from __future__ import annotations

from contracts.language.flow.plan import Node
from contracts.states import ENDED_WELL
from services.executor.executions.flowable.opening import NOTHING, Opening
from services.executor.executions.place import Place
from services.executor.executions.state import Group, TaskRun
from services.executor.executions.turn import Turn


def opening(turn: Turn, node: Node, run: TaskRun) -> Opening:  # noqa: ARG001 - one signature for all kinds
    return NOTHING


def following(owner: TaskRun | None, group: Group, main: tuple[Node, ...]) -> Place | None:
    for node in main:
        run = group.runs.get(node.task.id)
        if run is None:
            return Place(node, owner)
        if run.state not in ENDED_WELL:
            return None
    return None
