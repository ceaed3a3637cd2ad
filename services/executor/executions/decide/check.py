"""Gives back a slot or a lock that is held for an execution which is not open: its release was lost, or a backup was restored."""

from __future__ import annotations

from contracts.execution import CheckExecution
from contracts.limit import ReleaseSlot
from contracts.trigger import UnlockTrigger
from services.executor.executions.turn import AnyTurn


def give_back(turn: AnyTurn, command: CheckExecution) -> None:
    """The caller has checked that the execution is not open. What came in order before a repeated release makes it harmless."""
    execution_id = command.execution_id
    if command.limit_key is not None:
        release = ReleaseSlot(limit_key=command.limit_key, execution_id=execution_id, at=turn.at)
        turn.send("limits.commands", command.limit_key, release)
    if command.trigger_key is not None:
        namespace, flow_id, trigger_id = (*command.trigger_key.split("/", 2), "", "")[:3]
        unlock = UnlockTrigger(
            namespace=namespace, flow_id=flow_id, trigger_id=trigger_id, at=turn.at, execution_id=execution_id
        )
        turn.send("triggers.commands", command.trigger_key, unlock)
