"""Keeps a kill that is read before its start for a while, because two topics have no mutual order."""

from __future__ import annotations

from contracts.execution import KillExecution
from services.executor.executions.event import KillForgotten, KillRemembered
from services.executor.executions.turn import AnyTurn

REMEMBERED_MS = 60_000
REMEMBERED_KILLS = 10_000


def remember(turn: AnyTurn, command: KillExecution) -> None:
    """Remember the kill. Beyond the limit, refuse it like one for an unknown id."""
    early = turn.state.early_kills
    if command.execution_id in early or len(early) >= REMEMBERED_KILLS:
        return
    turn.note(KillRemembered(command=command, at=turn.at))
    turn.timer(f"forget/{command.execution_id}", turn.at + REMEMBERED_MS)


def forget(turn: AnyTurn, execution_id: str) -> None:
    if execution_id in turn.state.early_kills:
        turn.note(KillForgotten(execution_id=execution_id))
