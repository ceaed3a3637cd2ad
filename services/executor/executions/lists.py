"""The task lists of the execution or of one flowable, as they apply to one run."""

from __future__ import annotations

from typing import NamedTuple

from contracts.language.flow.plan import Node
from services.executor.executions.state import TaskRun


class Lists(NamedTuple):
    main: tuple[Node, ...]
    errors: tuple[Node, ...]
    finally_: tuple[Node, ...]


def lists_of(node: Node, run: TaskRun) -> Lists:
    lists = node.lists
    if "then" in lists:
        main = lists["then"] if run.outputs.get("evaluationResult") else lists.get("else", ())
    else:
        main = lists.get("tasks", ())
    return Lists(main, lists.get("errors", ()), lists.get("finally", ()))
