"""Hands attempts out: straight to a worker's inbox if there is a place under a lease, else to dispatch."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from contracts.scalars import AttemptId
from contracts.work import EnqueueAttempt, RunAttempt, StopAttempt
from services.executor.executions.event import AttemptLeased, AttemptStopping
from services.executor.executions.lease import Lease
from services.executor.executions.turn import AnyTurn, Turn

STOP_AGAIN_MS = 2_000


@dataclass(frozen=True, slots=True)
class Ready:
    """An attempt that can be handed out."""

    run: RunAttempt
    payload: bytes
    """The same as JSON."""
    lease: Lease | None
    """The lease that it carries, which has a free place."""
    light: bool


def place(turn: Turn, group: str, *, light: bool) -> Lease | None:
    """Return the lease for a next attempt in this group, if it may go without dispatch."""
    if turn.setting.borrower is None or not light:
        return None
    return turn.state.leases.place(group)


def hand_out(turn: Turn, ready: Ready, group: str, *, wait: bool, worker_id: str = "") -> None:
    """``wait``: whether dispatch keeps it while the group has no worker. ``worker_id``: the one worker that may run it."""
    turn.weigh(len(ready.payload))
    if ready.lease is not None:
        _send(turn, ready.lease, ready.run)
        return
    execution, run = turn.execution, ready.run
    command = EnqueueAttempt(
        group=group,
        execution_id=execution.id,
        task_run_id=run.task_run_id,
        attempt=run.attempt,
        fair_key=f"{execution.namespace}/{execution.flow_id}",
        at=turn.at,
        run=msgspec.Raw(ready.payload),
        wait=wait,
        worker_id=worker_id,
        borrower=turn.setting.borrower if ready.light else None,
    )
    turn.send("dispatch.commands", group, command)


def _send(turn: Turn, lease: Lease, run: RunAttempt) -> None:
    turn.note(
        AttemptLeased(
            execution_id=run.execution_id,
            task_run_id=run.task_run_id,
            attempt=run.attempt,
            group=lease.group,
            lease=lease.number,
        )
    )
    turn.send("workers.inbox", lease.worker_id, run, lease.inbox)


def stop(turn: AnyTurn, key: AttemptId) -> bool:
    """Ask the worker to stop the attempt, repeatedly until its end is reported. Return False if it has no place."""
    leased = turn.state.leases.attempts.get(key)
    if leased is None:
        return False
    if not leased.stopping:
        turn.note(AttemptStopping(key=key))
    message = StopAttempt(
        execution_id=leased.execution_id, task_run_id=leased.task_run_id, attempt=leased.attempt
    )
    turn.send("workers.inbox", leased.lease.worker_id, message, leased.lease.inbox)
    turn.timer(f"stop/{leased.execution_id}/{key}", turn.at + STOP_AGAIN_MS)
    return True
