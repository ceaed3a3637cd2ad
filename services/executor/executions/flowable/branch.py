"""``If``: the condition is rendered once, at the start, and kept as output ``evaluationResult``."""

from __future__ import annotations

from contracts.language.expression.template import is_truthy
from contracts.language.flow.plan import Node
from services.executor.executions.flowable.opening import Opening
from services.executor.executions.flowable.sequential import following
from services.executor.executions.rendering import render
from services.executor.executions.state import TaskRun
from services.executor.executions.turn import Turn

__all__ = ["following", "opening"]


def opening(turn: Turn, node: Node, run: TaskRun) -> Opening:
    assert node.condition is not None
    return Opening(outputs={"evaluationResult": is_truthy(render(turn, node, run, node.condition))})
