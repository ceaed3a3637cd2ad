"""All state of one partition of processor ``executions``, as ``evolve`` leaves it."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.execution import KillExecution
from services.executor.executions.ended import EndedIds
from services.executor.executions.state import Execution


@dataclass(slots=True)
class Partition:
    ended: EndedIds
    executions: dict[str, Execution] = field(default_factory=dict)
    """Open ones, and those whose ``afterExecution`` still runs."""
    early_kills: dict[str, KillExecution] = field(default_factory=dict)
    """By execution id: kills that were read before the start."""
