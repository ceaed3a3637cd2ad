"""Hands attempts from the queue to workers with a free slot."""

from __future__ import annotations

import msgspec

from contracts.codec import Codec, UnreadableMessage
from contracts.work import RunAttempt
from services.executor.dispatch.decide.leave import close
from services.executor.dispatch.event import AttemptAssigned
from services.executor.dispatch.state import Group
from services.executor.dispatch.turn import Turn

_RUNS: Codec[RunAttempt] = Codec(RunAttempt)


def _next(group: Group) -> tuple[str, str] | None:
    """Return the next attempt and its worker. What only one worker may run comes first there, because its files are waiting."""
    for worker_id, queue in group.pinned.items():
        if worker_id in group.free:
            return queue.first(), worker_id
    if group.queue and group.free:
        return group.queue.first(), next(iter(group.free))
    return None


def assign(turn: Turn, name: str) -> None:
    """Assign until the queue is empty or no slot is free."""
    group = turn.state.group(name)
    while found := _next(group):
        key, worker_id = found
        attempt = group.attempts[key]
        # It is parsed only as it leaves. A long queue holds bytes, and a payload that no worker could read fails with a reason.
        try:
            run = _RUNS.decode(bytes(attempt.run))
        except UnreadableMessage as unreadable:
            close(turn, name, key, "failed", f"no worker could read this attempt: {unreadable.reason}")
            continue
        number = group.sent + 1
        turn.note(AttemptAssigned(group=name, key=key, worker_id=worker_id, at=turn.at, number=number))
        numbered = msgspec.structs.replace(run, number=number)
        turn.send("workers.inbox", worker_id, numbered, group.workers[worker_id].inbox)
