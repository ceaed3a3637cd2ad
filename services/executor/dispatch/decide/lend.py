"""Lends places for light attempts to partitions of executions, and takes them back. Dispatch is then not on the way of these attempts.

Theory of operation. A worker announces ``light_slots``, beside its slots, and the session that it is in. A partition that enqueues a light
attempt shows that it has no lease with a free place, so it gets one from each worker of the group: an equal share, because the number of
partitions is fixed. From then on it writes to the inboxes of these workers itself, and counts its places by the ends that they report to it.

A lease ends only together with its session: the worker is lost, drains, or may have missed something in its inbox. A worker begins nothing
that was sent for another session. So the places are free again at once, whatever the partition still sends, and every attempt that the worker
does not hold then never runs. The partition learns of it on the topic of reports, behind everything that the worker reported before, and
declares those attempts lost. A lease of which the worker still holds attempts stays in the ledger until it names them no more: if that worker is
lost, the partition must hear of it again.
"""

from __future__ import annotations

from collections.abc import Iterable

from contracts.address import OUTCOMES
from contracts.lease import LeaseGranted, LeaseRevoked
from contracts.topics import EXECUTION_PARTITIONS
from contracts.work import AttemptKey, HeldAttempt, StopAttempt, WorkerAnnounced, WorkerReported
from services.executor.dispatch.event import LeaseEnded, LeaseLent, LeaseOver
from services.executor.dispatch.state import Worker
from services.executor.dispatch.turn import Turn


def key_of(held: HeldAttempt) -> AttemptKey:
    return AttemptKey(held.task_run_id, held.attempt)


def lend_all(turn: Turn, name: str, partition: int) -> None:
    """Lend the partition a share of each worker of the group that has not lent it any."""
    for worker_id in list(turn.state.group(name).workers):
        lend(turn, name, worker_id, [partition])


def lend(turn: Turn, name: str, worker_id: str, partitions: Iterable[int]) -> None:
    group = turn.state.group(name)
    worker = group.workers[worker_id]
    share = max(1, worker.light_slots // EXECUTION_PARTITIONS)
    for partition in partitions:
        slots = min(share, worker.unlent)
        if worker.draining or slots < 1 or worker.lends_to(partition):
            continue
        lease = group.leases + 1
        turn.note(LeaseLent(group=name, worker_id=worker_id, lease=lease, partition=partition, slots=slots))
        granted = LeaseGranted(
            group=name,
            lease=lease,
            worker_id=worker_id,
            inbox=worker.inbox,
            session=worker.session,
            slots=slots,
            at=turn.at,
        )
        turn.send(OUTCOMES, name, granted, partition)


def borrowers(turn: Turn, name: str) -> list[int]:
    """Return the partitions that have leases of the group, or had them until now."""
    workers = turn.state.group(name).workers.values()
    return sorted({lease.partition for worker in workers for lease in worker.leases.values()})


def take_back(turn: Turn, name: str, worker_id: str, held: Iterable[HeldAttempt], reason: str) -> None:
    """End all leases of the worker's session. ``held`` is what it runs under leases, and goes on with."""
    of_lease: dict[int, list[AttemptKey]] = {}
    for each in held:
        of_lease.setdefault(each.lease, []).append(key_of(each))
    for number, lease in list(turn.state.group(name).workers[worker_id].leases.items()):
        kept = of_lease.get(number, [])
        revoked = LeaseRevoked(group=name, lease=number, held=kept, reason=reason, at=turn.at)
        turn.send(OUTCOMES, name, revoked, lease.partition)
        if kept:
            turn.note(LeaseEnded(group=name, worker_id=worker_id, lease=number, left=len(kept)))
        else:
            turn.note(LeaseOver(group=name, worker_id=worker_id, lease=number))


def close_ended(turn: Turn, message: WorkerReported) -> None:
    """Forget ended leases of which the worker holds nothing any more."""
    name, worker_id = message.group, message.worker_id
    held = {each.lease for each in message.held}
    for number, lease in list(turn.state.group(name).workers[worker_id].leases.items()):
        if lease.ended and number not in held:
            turn.note(LeaseOver(group=name, worker_id=worker_id, lease=number))


def orphans(worker: Worker | None, message: WorkerAnnounced | WorkerReported) -> list[HeldAttempt]:
    """Return the attempts that the worker holds under leases which dispatch has given up. They were declared lost."""
    return [each for each in message.held if worker is None or each.lease not in worker.leases]


def stop_orphans(turn: Turn, message: WorkerAnnounced | WorkerReported, found: Iterable[HeldAttempt]) -> None:
    for each in found:
        stop = StopAttempt(execution_id=each.execution_id, task_run_id=each.task_run_id, attempt=each.attempt)
        inbox = turn.state.group(message.group).workers[message.worker_id].inbox
        turn.send("workers.inbox", message.worker_id, stop, inbox)
