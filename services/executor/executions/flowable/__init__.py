"""The kinds of flowable tasks: each says what it knows at its start, and which of its main tasks follows."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from contracts.language.flow.plan import Node
from services.executor.executions.flowable import branch, each, parallel, sequential
from services.executor.executions.flowable.opening import Opening
from services.executor.executions.place import Place
from services.executor.executions.state import Group, TaskRun
from services.executor.executions.turn import Turn


class Kind(Protocol):
    def opening(self, turn: Turn, node: Node, run: TaskRun) -> Opening:
        """Render what is known from the start. Raises RenderingFailed: the task run fails."""
        ...

    def following(self, owner: TaskRun | None, group: Group, main: tuple[Node, ...]) -> Place | None:
        """The next main task to begin, in O(1) amortised where the number of children has no bound."""
        ...


KINDS: Mapping[str, Kind] = {
    "Sequential": sequential,
    "AllowFailure": sequential,
    "Parallel": parallel,
    "If": branch,
    "ForEach": each,
}
"""By the last part of the type."""


def kind_of(node: Node | None) -> Kind:
    """None: the execution itself."""
    return sequential if node is None else KINDS[node.task.type.rpartition(".")[2]]
