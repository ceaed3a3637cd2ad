"""What dispatch says about leases, and the ends of the attempts under them."""

from __future__ import annotations

from contracts.execution import AttemptEnded
from contracts.lease import LeaseGranted, LeaseRevoked
from contracts.scalars import AttemptId, attempt_id
from services.executor.executions.event import AttemptFreed, LeaseClosed, LeaseTaken
from services.executor.executions.lease import MOST_LEASES, Leased
from services.executor.executions.turn import AnyTurn


def grant(turn: AnyTurn, message: LeaseGranted) -> None:
    leases = turn.state.leases
    if message.lease <= leases.last.get(message.group, 0):
        return
    if len(leases.groups.get(message.group, ())) < MOST_LEASES:
        turn.note(
            LeaseTaken(
                group=message.group,
                lease=message.lease,
                worker_id=message.worker_id,
                inbox=message.inbox,
                session=message.session,
                slots=message.slots,
            )
        )


def revoke(turn: AnyTurn, message: LeaseRevoked) -> None:
    lease = turn.state.leases.groups.get(message.group, {}).get(message.lease)
    if lease is None:
        return
    held = {attempt_id(key.task_run_id, key.attempt) for key in message.held}
    lost = [key for key in lease.attempts if key not in held]
    turn.note(LeaseClosed(group=message.group, lease=message.lease, reason=message.reason))
    for key in lost:
        turn.timer(f"lost/{turn.state.leases.attempts[key].execution_id}/{key}", turn.at)


def free(turn: AnyTurn, key: AttemptId) -> None:
    """The attempt has ended at its worker, or never runs there."""
    leased = turn.state.leases.attempts.get(key)
    if leased is None:
        return
    if leased.stopping:
        turn.timer(f"stop/{leased.execution_id}/{key}", None)
    turn.note(AttemptFreed(key=key))


def lost(turn: AnyTurn, leased: Leased) -> AttemptEnded:
    """Give its place back, and return the report that its worker does not send. If it was to stop, nobody wants another attempt."""
    free(turn, attempt_id(leased.task_run_id, leased.attempt))
    return AttemptEnded(
        execution_id=leased.execution_id,
        task_run_id=leased.task_run_id,
        attempt=leased.attempt,
        outcome="cancelled" if leased.stopping else "lost",
        at=turn.at,
        worker_id=leased.lease.worker_id,
        message=leased.lease.reason,
    )
