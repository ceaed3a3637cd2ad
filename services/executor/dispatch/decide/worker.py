"""Messages from workers, and the effects of a worker's silence."""

from __future__ import annotations

from contracts.scalars import Millis, attempt_id
from contracts.work import (
    AskAnnouncement,
    AttemptKey,
    StopAttempt,
    WorkerAnnounced,
    WorkerDraining,
    WorkerReported,
)
from services.executor.dispatch.decide.assign import assign
from services.executor.dispatch.decide.leave import WITHDRAWN, cancel_stop, close, forget_worker, lose
from services.executor.dispatch.event import (
    AttemptReturned,
    AttemptsFreed,
    WorkerDrained,
    WorkerHeard,
    WorkerJoined,
    WorkerSpared,
)
from services.executor.dispatch.state import Worker
from services.executor.dispatch.turn import Turn, set_timer

LEASE_MS = 10_000
"""After this silence a worker and all that it runs count as lost."""
LATE_MS = 2_000
"""A lease timer that is later than this shows that dispatch was away, not the worker."""
SETTLE_MS = 5_000
"""An attempt that was handed out this long before a heartbeat must be in the heartbeat."""


def announce(turn: Turn, message: WorkerAnnounced) -> None:
    name, worker_id = message.group, message.worker_id
    group = turn.state.group(name)
    listed = _keys(message.running)
    known = group.workers.get(worker_id)
    if known is not None:
        _lose_unlisted(turn, message, known, listed)
    strangers = [key for key in listed if not group.runs_at(key, worker_id)]
    turn.note(
        WorkerJoined(
            group=name,
            worker_id=worker_id,
            inbox=message.inbox,
            slots=message.slots,
            at=turn.at,
            strangers=strangers,
        )
    )
    set_timer(turn, "lease", name, worker_id, turn.at + LEASE_MS)
    for key in strangers:
        execution_id = turn.state.group(name).closed.get(key)
        if execution_id:
            _stop_fenced(turn, message, listed[key], execution_id)
    assign(turn, name)


def report(turn: Turn, message: WorkerReported) -> None:
    name, worker_id = message.group, message.worker_id
    worker = turn.state.group(name).workers.get(worker_id)
    if worker is None:
        ask = AskAnnouncement(worker_id=worker_id)
        turn.send("workers.inbox", worker_id, ask, message.inbox)
        return
    freed = [key for key in _keys(message.ended) if key in worker.running]
    if message.running is not None:
        freed += _missing(turn, message, worker, freed)
    if freed:
        for key in freed:
            cancel_stop(turn, name, key)
        turn.note(AttemptsFreed(group=name, worker_id=worker_id, keys=freed, at=turn.at))
    else:
        turn.note(WorkerHeard(group=name, worker_id=worker_id, at=turn.at))
    assign(turn, name)


def drain(turn: Turn, message: WorkerDraining) -> None:
    name, worker_id = message.group, message.worker_id
    group = turn.state.group(name)
    if worker_id not in group.workers:
        return
    turn.note(WorkerDrained(group=name, worker_id=worker_id, at=turn.at))
    # Each one goes to the front of its queue, so the last goes first to keep their order.
    for key in reversed(_keys(message.returned)):
        if not group.runs_at(key, worker_id):
            continue
        if group.attempts[key].stopping:
            close(turn, name, key, "cancelled", WITHDRAWN)
        else:
            turn.note(AttemptReturned(group=name, key=key))
    if message.gone:
        forget_worker(turn, name, worker_id, f"worker {worker_id} left without finishing it")
        set_timer(turn, "lease", name, worker_id, None)
    assign(turn, name)


def check_lease(turn: Turn, name: str, worker_id: str, due: Millis) -> None:
    worker = turn.state.group(name).workers.get(worker_id)
    if worker is None:
        return
    ends = worker.heard_at + LEASE_MS
    if ends <= turn.at and turn.at - due > LATE_MS and not worker.spared:
        turn.note(WorkerSpared(group=name, worker_id=worker_id))
        ends = turn.at + LEASE_MS
    if ends > turn.at:
        set_timer(turn, "lease", name, worker_id, ends)
    else:
        forget_worker(turn, name, worker_id, f"worker {worker_id} was silent for {LEASE_MS // 1000} s")


def _lose_unlisted(
    turn: Turn, message: WorkerAnnounced, known: Worker, listed: dict[str, AttemptKey]
) -> None:
    """Lose attempts of a known worker that came back without them."""
    group = turn.state.group(message.group)
    for key in list(known.running):
        attempt = group.attempts.get(key)
        # An attempt sent to its present inbox after the announcement still reaches the worker.
        sent_before = attempt is not None and (
            attempt.assigned_at < message.at or known.inbox != message.inbox
        )
        if key not in listed and sent_before:
            lose(turn, message.group, key, f"worker {message.worker_id} restarted without it")


def _missing(turn: Turn, message: WorkerReported, worker: Worker, freed: list[str]) -> list[str]:
    """Close attempts that the worker should run but does not. Return unknown ones that have simply ended."""
    over = []
    listed = _keys(message.running or [])
    group = turn.state.group(message.group)
    for key in list(worker.running):
        if key in listed or key in freed:
            continue
        attempt = group.attempts.get(key)
        if attempt is None:
            over.append(key)
        # Compare with both clocks: the worker's may be ahead, and a heartbeat may have waited in the topic.
        elif min(message.at, turn.at) - attempt.assigned_at > SETTLE_MS:
            lose(turn, message.group, key, f"worker {message.worker_id} does not run it")
    return over


def _stop_fenced(turn: Turn, message: WorkerAnnounced, key: AttemptKey, execution_id: str) -> None:
    stop = StopAttempt(execution_id=execution_id, task_run_id=key.task_run_id, attempt=key.attempt)
    turn.send("workers.inbox", message.worker_id, stop, message.inbox)


def _keys(attempts: list[AttemptKey]) -> dict[str, AttemptKey]:
    return {attempt_id(key.task_run_id, key.attempt): key for key in attempts}
