"""Stops an attempt on its worker, and closes it here: withdrawn, lost or unreadable."""

from __future__ import annotations

from typing import TypeAlias

from contracts.address import OUTCOMES, address_of
from contracts.execution import AttemptEnded, Outcome
from contracts.topics import REPLY_TOPICS
from contracts.work import EnqueueAttempt, StopAttempt, WithdrawAttempt
from services.executor.dispatch.decide.lend import take_back
from services.executor.dispatch.event import AttemptClosed, WorkerForgotten
from services.executor.dispatch.state import Attempt
from services.executor.dispatch.turn import Turn, set_timer

STOP_AGAIN_MS = 2_000
WITHDRAWN = "withdrawn before it began"

AttemptReference: TypeAlias = EnqueueAttempt | WithdrawAttempt | Attempt


def close(  # noqa: PLR0913 - as below
    turn: Turn, name: str, key: str, outcome: Outcome, reason: str, *, unserved: bool = False
) -> None:
    """End the attempt here, and tell the executor."""
    attempt = turn.state.group(name).attempts[key]
    worker_id = attempt.worker_id or ""
    cancel_stop(turn, name, key)
    turn.note(AttemptClosed(group=name, key=key, execution_id=attempt.execution_id))
    tell_ended(turn, attempt, outcome, reason, worker_id, unserved=unserved)


def lose(turn: Turn, name: str, key: str, reason: str) -> None:
    """Close an attempt whose worker is gone. If it was killed it counts as killed, because nobody wants another attempt."""
    stopping = turn.state.group(name).attempts[key].stopping
    close(turn, name, key, "cancelled" if stopping else "lost", reason)


def forget_worker(turn: Turn, name: str, worker_id: str, reason: str) -> None:
    """Forget a worker and all that it runs."""
    group = turn.state.group(name)
    for key in list(group.workers[worker_id].running):
        if key in group.attempts:
            lose(turn, name, key, reason)
    take_back(turn, name, worker_id, (), reason)
    turn.note(WorkerForgotten(group=name, worker_id=worker_id))


def close_hopeless(turn: Turn, name: str) -> None:
    """Close queued attempts whose only worker is gone or takes nothing more, and those that do not wait where nobody takes any."""
    group = turn.state.group(name)
    for worker_id, queue in list(group.pinned.items()):
        worker = group.workers.get(worker_id)
        if worker is None or worker.draining:
            for key in queue.keys():  # noqa: SIM118 - not a mapping
                close(
                    turn,
                    name,
                    key,
                    "lost",
                    f"it must run on worker {worker_id}, which {'stops' if worker else 'is gone'}",
                )
    if group.impatient and not group.served:
        for key in list(group.impatient):
            reason = (
                f"worker group `{name}` has no worker, and `workerGroup.fallback` says not to wait for one"
            )
            close(turn, name, key, "failed", reason, unserved=True)


def tell_ended(  # noqa: PLR0913 - an end has all of these
    turn: Turn,
    attempt: AttemptReference,
    outcome: Outcome,
    reason: str,
    worker_id: str = "",
    *,
    unserved: bool = False,
) -> None:
    message = AttemptEnded(
        execution_id=attempt.execution_id,
        task_run_id=attempt.task_run_id,
        attempt=attempt.attempt,
        outcome=outcome,
        at=turn.at,
        worker_id=worker_id,
        message=reason,
        unserved=unserved,
    )
    address = address_of(attempt.reply_to, attempt.execution_id)
    if address.topic in REPLY_TOPICS:
        turn.send(address.topic, address.key, message)
    else:
        turn.send(OUTCOMES, attempt.execution_id, message)


def stop(turn: Turn, name: str, key: str, attempt: Attempt) -> None:
    """Ask its worker to stop the attempt, repeatedly until it reports the end."""
    worker_id = attempt.worker_id or ""
    message = StopAttempt(
        execution_id=attempt.execution_id,
        task_run_id=attempt.task_run_id,
        attempt=attempt.attempt,
        reply_to=attempt.reply_to,
    )
    turn.send("workers.inbox", worker_id, message, turn.state.group(name).workers[worker_id].inbox)
    set_timer(turn, "stop", name, key, turn.at + STOP_AGAIN_MS)


def cancel_stop(turn: Turn, name: str, key: str) -> None:
    attempt = turn.state.group(name).attempts.get(key)
    if attempt is not None and attempt.stopping:
        set_timer(turn, "stop", name, key, None)
