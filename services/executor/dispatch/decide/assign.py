"""Hands attempts from the queue to workers with a free slot."""

from __future__ import annotations

import msgspec

from contracts.codec import Codec, UnreadableMessage
from contracts.work import RunAttempt
from services.executor.dispatch.decide.leave import close
from services.executor.dispatch.event import AttemptAssigned
from services.executor.dispatch.turn import Turn

_RUNS: Codec[RunAttempt] = Codec(RunAttempt)


def assign(turn: Turn, name: str) -> None:
    """Assign until the queue is empty or no slot is free."""
    group = turn.state.group(name)
    while group.queue and group.free:
        key = group.queue.first()
        attempt = group.attempts[key]
        # It is parsed only as it leaves. A long queue holds bytes, and a payload that no worker could read fails with a reason.
        try:
            run = _RUNS.decode(bytes(attempt.run))
        except UnreadableMessage as unreadable:
            close(turn, name, key, "failed", f"no worker could read this attempt: {unreadable.reason}")
            continue
        worker_id = next(iter(group.free))
        number = group.sent + 1
        turn.note(AttemptAssigned(group=name, key=key, worker_id=worker_id, at=turn.at, number=number))
        numbered = msgspec.structs.replace(run, number=number)
        turn.send("workers.inbox", worker_id, numbered, group.workers[worker_id].inbox)
