"""Messages from workers, and the effects of a worker's silence."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.scalars import Millis, attempt_id
from contracts.work import (
    AskAnnouncement,
    AttemptKey,
    StopAttempt,
    WorkerAnnounced,
    WorkerDoubted,
    WorkerDraining,
    WorkerReported,
)
from services.executor.dispatch.decide.assign import assign
from services.executor.dispatch.decide.leave import (
    WITHDRAWN,
    cancel_stop,
    close,
    close_hopeless,
    forget_worker,
    lose,
)
from services.executor.dispatch.decide.lend import (
    borrowers,
    close_ended,
    key_of,
    lend,
    orphans,
    stop_orphans,
    take_back,
)
from services.executor.dispatch.event import (
    AttemptReturned,
    AttemptsFreed,
    WorkerAsked,
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
"""A lease timer that is later than this shows that dispatch was away, and a doubt that comes back later shows that the log was
slow. Neither says anything about the worker."""
SETTLE_MS = 5_000
"""An attempt that a worker does not name this long after it was handed out makes dispatch ask."""


def announce(turn: Turn, message: WorkerAnnounced) -> None:
    name, worker_id = message.group, message.worker_id
    group = turn.state.group(name)
    listed = _keys(message.running)
    known = group.workers.get(worker_id)
    if known is None and message.session and not message.first:
        # What partitions sent under its leases may still be on its way. A new session lets nothing of it begin.
        turn.send("workers.inbox", worker_id, AskAnnouncement(worker_id=worker_id, anew=True), message.inbox)
        return
    doubtful = known is not None and _lose_missing(turn, message, known, listed)
    borrowing = borrowers(turn, name)
    if known is not None and known.session != message.session:
        take_back(turn, name, worker_id, message.held, f"worker {worker_id} does not run it")
    left_over = orphans(known, message)
    strangers = [key for key in listed if not group.runs_at(key, worker_id)]
    turn.note(
        WorkerJoined(
            group=name,
            worker_id=worker_id,
            inbox=message.inbox,
            slots=message.slots,
            at=turn.at,
            strangers=[*strangers, *_keys(key_of(each) for each in left_over)],
            light_slots=message.light_slots,
            session=message.session,
        )
    )
    set_timer(turn, "lease", name, worker_id, turn.at + LEASE_MS)
    _stop_closed(turn, message, listed)
    stop_orphans(turn, message, left_over)
    if doubtful:
        _ask(turn, name, worker_id)
    assign(turn, name)
    lend(turn, name, worker_id, borrowing)


def report(turn: Turn, message: WorkerReported) -> None:
    name, worker_id = message.group, message.worker_id
    worker = turn.state.group(name).workers.get(worker_id)
    if worker is None:
        ask = AskAnnouncement(worker_id=worker_id, anew=True)
        turn.send("workers.inbox", worker_id, ask, message.inbox)
        return
    freed = [key for key in _keys(message.ended) if key in worker.running]
    if freed:
        for key in freed:
            cancel_stop(turn, name, key)
        turn.note(AttemptsFreed(group=name, worker_id=worker_id, keys=freed, at=turn.at))
    if message.running is not None:
        _hear(turn, message, worker)
    elif not freed:
        turn.note(WorkerHeard(group=name, worker_id=worker_id, at=turn.at))
    assign(turn, name)


def _hear(turn: Turn, message: WorkerReported, worker: Worker) -> None:
    """Compare a heartbeat with what the worker should run."""
    name, worker_id = message.group, message.worker_id
    group = turn.state.group(name)
    left_over = orphans(worker, message)
    listed = _keys([*(message.running or []), *(key_of(each) for each in left_over)])
    doubtful = _lose_missing(turn, message, worker, listed)
    over = [key for key in worker.running if key not in listed and key not in group.attempts]
    if over:
        turn.note(AttemptsFreed(group=name, worker_id=worker_id, keys=over, at=turn.at))
    strangers = [key for key in listed if key not in worker.running]
    turn.note(WorkerHeard(group=name, worker_id=worker_id, at=turn.at, strangers=strangers))
    _stop_closed(turn, message, listed)
    stop_orphans(turn, message, left_over)
    if message.session != worker.session:
        # Its announcement of this session is still on its way, or was overtaken by an earlier one.
        turn.send("workers.inbox", worker_id, AskAnnouncement(worker_id=worker_id), worker.inbox)
    elif not worker.draining:
        close_ended(turn, message)
    if doubtful:
        _ask(turn, name, worker_id)


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
    if message.held is not None:
        take_back(turn, name, worker_id, message.held, f"worker {worker_id} stops, and had not begun it")
    if message.gone:
        forget_worker(turn, name, worker_id, f"worker {worker_id} left without finishing it")
        set_timer(turn, "lease", name, worker_id, None)
    assign(turn, name)
    close_hopeless(turn, name)


def check_lease(turn: Turn, name: str, worker_id: str, due: Millis) -> None:
    worker = turn.state.group(name).workers.get(worker_id)
    if worker is None:
        return
    ends = worker.heard_at + LEASE_MS
    if ends <= turn.at and turn.at - due > LATE_MS and not worker.spared:
        turn.note(WorkerSpared(group=name, worker_id=worker_id, at=turn.at))
        ends = turn.at + LEASE_MS
    if ends <= turn.at:
        # Its heartbeats may wait unread, so read to here first. The timer asks again if this record gets lost.
        doubt = WorkerDoubted(group=name, worker_id=worker_id, at=turn.at, heard_at=worker.heard_at)
        turn.send("workers.events", name, doubt)
        ends = turn.at + LEASE_MS
    set_timer(turn, "lease", name, worker_id, ends)


def doubt(turn: Turn, message: WorkerDoubted) -> None:
    """Everything before this record is read. Forget the worker if it said nothing since."""
    name, worker_id = message.group, message.worker_id
    worker = turn.state.group(name).workers.get(worker_id)
    if worker is None or worker.heard_at != message.heard_at or message.at <= worker.spared_at:
        return
    if turn.at - message.at > LATE_MS and not worker.spared:
        turn.note(WorkerSpared(group=name, worker_id=worker_id, at=turn.at))
        set_timer(turn, "lease", name, worker_id, turn.at + LEASE_MS)
        return
    forget_worker(turn, name, worker_id, f"worker {worker_id} was silent for {LEASE_MS // 1000} s")
    set_timer(turn, "lease", name, worker_id, None)
    assign(turn, name)
    close_hopeless(turn, name)


def _lose_missing(
    turn: Turn, message: WorkerAnnounced | WorkerReported, worker: Worker, listed: dict[str, AttemptKey]
) -> bool:
    """Close attempts that have arrived at the worker, but that it does not run. Return whether others are in doubt: they may be
    on their way, or in our own outbox. Only numbers decide this, because a worker's clock may be wrong."""
    group = turn.state.group(message.group)
    doubtful = False
    for key in list(worker.running):
        attempt = group.attempts.get(key)
        if attempt is None or key in listed:
            continue
        if attempt.number <= message.received_through:
            lose(turn, message.group, key, f"worker {message.worker_id} does not run it")
        elif turn.at - attempt.assigned_at > SETTLE_MS or _begins(message):
            doubtful = True
    return doubtful


def _begins(message: WorkerAnnounced | WorkerReported) -> bool:
    """Return whether the worker has received nothing yet, so that it may have restarted without what it ran."""
    return isinstance(message, WorkerAnnounced) and message.received_through == 0


def _ask(turn: Turn, name: str, worker_id: str) -> None:
    """Ask what it runs. The answer comes after everything that is on its way has arrived."""
    group = turn.state.group(name)
    worker = group.workers[worker_id]
    if worker.asked_at and turn.at - worker.asked_at < SETTLE_MS:
        return
    number = group.sent + 1
    turn.note(WorkerAsked(group=name, worker_id=worker_id, at=turn.at, number=number))
    ask = AskAnnouncement(worker_id=worker_id, number=number)
    turn.send("workers.inbox", worker_id, ask, worker.inbox)


def _stop_closed(
    turn: Turn, message: WorkerAnnounced | WorkerReported, listed: dict[str, AttemptKey]
) -> None:
    """Stop attempts that were declared over here, each time that the worker still names them."""
    group = turn.state.group(message.group)
    for key, wire in listed.items():
        execution_id = group.closed.get(key)
        if execution_id and not group.runs_at(key, message.worker_id):
            stop = StopAttempt(execution_id=execution_id, task_run_id=wire.task_run_id, attempt=wire.attempt)
            inbox = group.workers[message.worker_id].inbox
            turn.send("workers.inbox", message.worker_id, stop, inbox)


def _keys(attempts: Iterable[AttemptKey]) -> dict[str, AttemptKey]:
    return {attempt_id(key.task_run_id, key.attempt): key for key in attempts}
