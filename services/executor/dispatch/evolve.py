"""Applies an event to the state of dispatch. Never refuses it, and decides nothing."""

from __future__ import annotations

from typing import assert_never

from contracts.scalars import Millis, attempt_id
from services.executor.dispatch.event import (
    AttemptAssigned,
    AttemptClosed,
    AttemptQueued,
    AttemptReturned,
    AttemptsFreed,
    AttemptStopping,
    JournalEvent,
    LeaseEnded,
    LeaseLent,
    LeaseOver,
    WorkerAsked,
    WorkerDrained,
    WorkerForgotten,
    WorkerHeard,
    WorkerJoined,
    WorkerSpared,
)
from services.executor.dispatch.state import Attempt, DispatchState, Group, Lease, Worker


def evolve(state: DispatchState, event: JournalEvent) -> None:
    group = state.groups.get(event.group)
    if group is None:
        group = state.groups[event.group] = Group()
    match event:
        case AttemptQueued():
            _queued(group, event)
        case AttemptAssigned():
            _assigned(group, event)
        case AttemptsFreed():
            _freed(group, event)
        case WorkerHeard():
            _said(group, event)
        case AttemptStopping(key=key):
            group.attempts[key].stopping = True
        case AttemptReturned(key=key):
            _returned(group, key)
        case AttemptClosed(key=key, execution_id=execution_id):
            _leave(group, key)
            group.close(key, execution_id)
        case WorkerJoined():
            _joined(group, event)
        case WorkerAsked() | WorkerSpared():
            _doubted(group, event)
        case WorkerDrained():
            _drained(group, event)
        case WorkerForgotten(worker_id=worker_id):
            del group.workers[worker_id]
            group.free.pop(worker_id, None)
        case LeaseLent() | LeaseEnded() | LeaseOver():
            _lease(group, event)
        case _:
            assert_never(event)


def _queued(group: Group, event: AttemptQueued) -> None:
    key = attempt_id(event.task_run_id, event.attempt)
    attempt = Attempt(
        event.execution_id, event.task_run_id, event.attempt, event.fair_key, event.priority, event.run
    )
    attempt.reply_to, attempt.wait, attempt.pinned_to = event.reply_to, event.wait, event.pinned_to
    group.attempts[key] = attempt
    group.wait_in_queue(key, attempt)


def _assigned(group: Group, event: AttemptAssigned) -> None:
    attempt = group.attempts[event.key]
    group.leave_queue(event.key, attempt, taken=True)
    attempt.assigned_at, attempt.number = event.at, event.number
    group.sent = max(group.sent, event.number)
    group.hand_out(event.key, attempt, event.worker_id)
    if event.worker_id in group.free:
        group.free.move_to_end(event.worker_id)


def _freed(group: Group, event: AttemptsFreed) -> None:
    worker = group.workers[event.worker_id]
    for key in event.keys:
        if group.runs_at(key, event.worker_id):
            del group.attempts[key]
            group.close(key, "")
        worker.running.pop(key, None)
    _heard(worker, event.at)
    _refresh(group, event.worker_id, worker)


def _returned(group: Group, key: str) -> None:
    attempt = group.attempts[key]
    _vacate(group, key, attempt)
    group.wait_in_queue(key, attempt, first=True)


def _leave(group: Group, key: str) -> None:
    attempt = group.attempts.pop(key, None)
    if attempt is None:
        return
    if attempt.worker_id is None:
        group.leave_queue(key, attempt, taken=False)
    else:
        _vacate(group, key, attempt)


def _vacate(group: Group, key: str, attempt: Attempt) -> None:
    worker_id, attempt.worker_id = attempt.worker_id, None
    worker = group.workers.get(worker_id or "")
    if worker is not None and worker_id is not None:
        worker.running.pop(key, None)
        _refresh(group, worker_id, worker)


def _joined(group: Group, event: WorkerJoined) -> None:
    known = group.workers.get(event.worker_id)
    kept = [key for key in known.running if key in group.attempts] if known is not None else []
    worker = Worker(event.inbox, event.slots, event.at, dict.fromkeys([*kept, *event.strangers]))
    worker.light_slots, worker.session = event.light_slots, event.session
    if known is not None:
        worker.asked_at, worker.leases = known.asked_at, known.leases
    group.workers[event.worker_id] = worker
    _refresh(group, event.worker_id, worker)


def _drained(group: Group, event: WorkerDrained) -> None:
    worker = group.workers[event.worker_id]
    worker.draining = True
    _heard(worker, event.at)
    _refresh(group, event.worker_id, worker)


def _said(group: Group, event: WorkerHeard) -> None:
    worker = group.workers[event.worker_id]
    worker.running.update(dict.fromkeys(event.strangers))
    _heard(worker, event.at)
    if event.strangers:
        _refresh(group, event.worker_id, worker)


def _heard(worker: Worker, at: Millis) -> None:
    worker.heard_at = at
    worker.spared = False


def _doubted(group: Group, event: WorkerAsked | WorkerSpared) -> None:
    worker = group.workers[event.worker_id]
    if isinstance(event, WorkerAsked):
        worker.asked_at, group.sent = event.at, event.number
    else:
        worker.spared, worker.spared_at = True, event.at


def _lease(group: Group, event: LeaseLent | LeaseEnded | LeaseOver) -> None:
    leases = group.workers[event.worker_id].leases
    match event:
        case LeaseLent(lease=number, partition=partition, slots=slots):
            group.leases = number
            leases[number] = Lease(partition, slots)
        case LeaseEnded(lease=number, left=left):
            leases[number].ended, leases[number].slots = True, left
        case LeaseOver(lease=number):
            del leases[number]


def _refresh(group: Group, worker_id: str, worker: Worker) -> None:
    """Update whether the worker is among those with a free slot."""
    if worker.free:
        group.free.setdefault(worker_id)
    else:
        group.free.pop(worker_id, None)
