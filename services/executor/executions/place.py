"""Where a task run is to begin."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.language.flow.plan import Node
from services.executor.executions.state import TaskRun


@dataclass(frozen=True, slots=True)
class Place:
    node: Node
    parent: TaskRun | None
    value: str | None = None
    iteration: int | None = None
