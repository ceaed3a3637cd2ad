"""Where a task run is to begin."""

from __future__ import annotations

from dataclasses import dataclass

from contracts.flow.plan import Node
from services.executor.core.state import TaskRun


@dataclass(frozen=True, slots=True)
class Place:
    node: Node
    parent: TaskRun | None
    value: str | None = None
    iteration: int | None = None
