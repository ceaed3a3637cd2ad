"""The decisions about concurrency slots: granted, queued, refused, handed on. It knows only the names of executions.

After every step a queue is empty or its limit is full. Holders exceed a limit only after it was lowered, until enough of
them end.
"""

from __future__ import annotations

from typing import TypeAlias

from contracts import machine
from contracts.execution import CheckExecution, SlotGranted, SlotQueued, SlotRefused
from contracts.limit import AcquireSlot, ReleaseSlot, SetLimit
from services.executor.limits.event import (
    JournalEvent,
    LimitAssumed,
    LimitFixed,
    SlotAwaited,
    SlotDenied,
    SlotLeft,
    SlotTaken,
)
from services.executor.limits.state import Limit, LimitsState, Refusal, past_key

Turn: TypeAlias = machine.Turn[LimitsState, JournalEvent]

CHECK = "check"
"""Names the timers of :func:`check`."""
CHECK_MS = 600_000
CHECKED_AT_ONCE = 200
_UNKNOWN = Limit()
"""Stands for a limit without events. Never changed."""


def acquire(turn: Turn, message: AcquireSlot) -> None:
    key, execution_id = message.limit_key, message.execution_id
    limit = _limit(turn, key)
    if execution_id in limit.holders:
        _grant(turn, key, execution_id)
        return
    if execution_id in limit.queue:
        _say(turn, SlotQueued(execution_id=execution_id, limit_key=key, at=turn.at))
        return
    past = turn.state.past.get(past_key(key, execution_id))
    if past is not None and message.at <= past.asked_at:
        # The request is repeated after its end. The executor has moved on, unless the request was refused and is a new one.
        if past.behavior is not None:
            _refuse(turn, key, execution_id, past.behavior)
        return
    _assume(turn, limit, message)
    _check_later(turn, key)
    limit = _limit(turn, key)
    if not limit.full:
        turn.note(SlotTaken(limit_key=key, execution_id=execution_id, asked_at=message.at))
        _grant(turn, key, execution_id)
    elif limit.behavior == "QUEUE":
        turn.note(SlotAwaited(limit_key=key, execution_id=execution_id, asked_at=message.at))
        _say(turn, SlotQueued(execution_id=execution_id, limit_key=key, at=turn.at))
    else:
        deny(turn, message, limit.behavior)


def release(turn: Turn, message: ReleaseSlot) -> None:
    key, execution_id = message.limit_key, message.execution_id
    limit = _limit(turn, key)
    asked_at = limit.holders.get(execution_id, limit.queue.get(execution_id))
    # A request that is older than the holder's is a repetition from before a restart, which holds the slot now.
    if asked_at is None or message.at < asked_at:
        return
    turn.note(SlotLeft(limit_key=key, execution_id=execution_id))
    _hand_on(turn, key)


def check(turn: Turn, key: str) -> None:
    """Ask about executions that have held a slot for long, because their release may have been lost."""
    holders = [
        execution_id
        for execution_id, asked_at in _limit(turn, key).holders.items()
        if turn.at - asked_at >= CHECK_MS
    ]
    first = turn.at // CHECK_MS * CHECKED_AT_ONCE % max(1, len(holders))
    for execution_id in (holders[first:] + holders[:first])[:CHECKED_AT_ONCE]:
        ask = CheckExecution(execution_id=execution_id, limit_key=key, at=turn.at)
        turn.send("executions.admitted", execution_id, ask)
    if _limit(turn, key).holders:
        _check_later(turn, key)


def _check_later(turn: Turn, key: str) -> None:
    """Set a time that does not move with each request."""
    turn.timer(f"{CHECK}/{key}", (turn.at // CHECK_MS + 1) * CHECK_MS)


def set_limit(turn: Turn, message: SetLimit) -> None:
    key = message.limit_key
    limit = _limit(turn, key)
    if limit.set_at is not None and message.at < limit.set_at:
        return
    same = (limit.limit, limit.behavior) == (message.limit, message.behavior)
    if limit is _UNKNOWN and message.limit is None:
        return
    if not same or limit.set_at is None:
        turn.note(
            LimitFixed(limit_key=key, limit=message.limit, behavior=message.behavior, set_at=message.at)
        )
        _hand_on(turn, key)


def deny(turn: Turn, message: AcquireSlot, behavior: Refusal) -> None:
    """End the request without a slot."""
    key, execution_id = message.limit_key, message.execution_id
    turn.note(SlotDenied(limit_key=key, execution_id=execution_id, asked_at=message.at, behavior=behavior))
    _refuse(turn, key, execution_id, behavior)


def _limit(turn: Turn, key: str) -> Limit:
    return turn.state.by_key.get(key, _UNKNOWN)


def _say(turn: Turn, message: SlotGranted | SlotQueued | SlotRefused) -> None:
    turn.send("executions.commands", message.execution_id, message)


def _grant(turn: Turn, key: str, execution_id: str) -> None:
    _say(turn, SlotGranted(execution_id=execution_id, limit_key=key, at=turn.at))


def _refuse(turn: Turn, key: str, execution_id: str, behavior: Refusal) -> None:
    _say(turn, SlotRefused(execution_id=execution_id, limit_key=key, behavior=behavior, at=turn.at))


def _assume(turn: Turn, limit: Limit, message: AcquireSlot) -> None:
    """Use the limit from the registry. Before the registry has sent one, use the request's."""
    if limit.set_at is None and (limit.limit, limit.behavior) != (message.limit, message.behavior):
        turn.note(LimitAssumed(limit_key=message.limit_key, limit=message.limit, behavior=message.behavior))
        _hand_on(turn, message.limit_key)


def _hand_on(turn: Turn, key: str) -> None:
    """Give free slots to the oldest in the queue."""
    limit = _limit(turn, key)
    while limit.queue and not limit.full:
        execution_id, asked_at = next(iter(limit.queue.items()))
        turn.note(SlotTaken(limit_key=key, execution_id=execution_id, asked_at=asked_at))
        _grant(turn, key, execution_id)
