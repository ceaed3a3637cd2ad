"""The task lists of the execution or of one flowable, as they apply to one run."""

from __future__ import annotations

from typing import NamedTuple

from contracts.language.flow.plan import Node
from contracts.language.types.declaration import ERRORS, FINALLY
from services.executor.executions.state import TaskRun


class Lists(NamedTuple):
    main: tuple[Node, ...]
    errors: tuple[Node, ...]
    finally_: tuple[Node, ...]


def lists_of(node: Node, run: TaskRun) -> Lists:
    assert node.flowable is not None
    lists = node.lists
    return Lists(node.flowable.main(lists, run.outputs), lists.get(ERRORS, ()), lists.get(FINALLY, ()))
