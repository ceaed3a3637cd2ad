"""``If``: the condition is rendered once, at the start, and kept as output ``evaluationResult``."""

from __future__ import annotations

from contracts.expression.template import is_truthy
from contracts.flow.plan import Node
from services.executor.core.flowable.opening import Opening
from services.executor.core.flowable.sequential import following
from services.executor.core.rendering import render
from services.executor.core.state import TaskRun
from services.executor.core.turn import Turn

__all__ = ["following", "opening"]


def opening(turn: Turn, node: Node, run: TaskRun) -> Opening:
    assert node.condition is not None
    return Opening(outputs={"evaluationResult": is_truthy(render(turn, node, run, node.condition))})
