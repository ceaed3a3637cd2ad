"""A kill may be read before the start it refers to, since two topics have no mutual order: it is kept for a while."""

from __future__ import annotations

from contracts.execution import KillExecution
from contracts.machine import Step, Timer
from contracts.scalars import Millis
from services.executor.executions.event import KillForgotten, KillRemembered
from services.executor.executions.partition import Partition

REMEMBERED_MS = 60_000
REMEMBERED_KILLS = 10_000


def remember(partition: Partition, command: KillExecution, at: Millis) -> Step:
    """Beyond the bound it is refused like one for an id that never comes."""
    early = partition.early_kills
    if command.execution_id in early or len(early) >= REMEMBERED_KILLS:
        return Step()
    timer = Timer(f"forget/{command.execution_id}", at + REMEMBERED_MS)
    return Step([KillRemembered(command=command, at=at)], [], [timer])


def forget(partition: Partition, execution_id: str) -> Step:
    if execution_id not in partition.early_kills:
        return Step()
    return Step([KillForgotten(execution_id=execution_id)])
