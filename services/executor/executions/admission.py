"""Begins an execution, once it has a concurrency slot if its flow has a limit."""

from __future__ import annotations

from contracts.limit import AcquireSlot
from services.executor.executions.schedule import run_execution
from services.executor.executions.turn import Turn


def take_slot_or_run(turn: Turn) -> None:
    """Take a slot under the limit of the latest revision. Without a limit, run at once."""
    execution = turn.execution
    limit = turn.setting.blueprints.limit_of(execution.namespace, execution.flow_id)
    if execution.limit_key is None or limit is None:
        run_execution(turn)
        return
    acquire = AcquireSlot(
        limit_key=execution.limit_key,
        execution_id=execution.id,
        limit=limit.limit,
        behavior=limit.behavior,
        at=turn.at,
    )
    turn.send("limits.commands", execution.limit_key, acquire)
