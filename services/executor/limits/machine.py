"""The decisions about concurrency slots: granted, queued, refused, handed on. Knows executions only as names.

After every step a queue is empty or its limit is full. Holders exceed a limit only after it was lowered; they then
run out by themselves.
"""

from __future__ import annotations

from collections.abc import Iterable

from contracts.execution import SlotGranted, SlotQueued, SlotRefused
from contracts.limit import AcquireSlot, ReleaseSlot, SetLimit
from contracts.machine import Input, Outgoing, Step
from contracts.message import Message
from contracts.scalars import Millis
from services.executor.limits.event import (
    AnyLimitEvent,
    LimitAssumed,
    LimitFixed,
    SlotAwaited,
    SlotDenied,
    SlotLeft,
    SlotTaken,
)
from services.executor.limits.state import Limit, Limits, Refusal, past_key


class LimitMachine:
    events: object = AnyLimitEvent
    published: str | None = None

    def __init__(self) -> None:
        self.limits = Limits()

    def step(self, message: Input, at: Millis) -> Step:
        decision = _Decision(self.limits, at)
        match message:
            case AcquireSlot():
                decision.acquire(message)
            case ReleaseSlot():
                decision.release(message)
            case SetLimit():
                decision.set_limit(message)
            case _:
                raise TypeError(f"not for limits: {type(message).__name__}")
        return decision.step

    def fail(self, message: Input, at: Millis, error: str) -> Step:  # noqa: ARG002 - the runtime logs the trace
        """An execution that asked is refused rather than left waiting."""
        decision = _Decision(self.limits, at)
        if isinstance(message, AcquireSlot):
            decision.refuse(message, "FAIL")
        return decision.step

    def evolve(self, event: AnyLimitEvent) -> None:
        self.limits.apply(event)

    def public_key(self, event: AnyLimitEvent) -> str | None:  # noqa: ARG002 - nothing of limits is public
        return None

    def dump(self) -> Iterable[bytes]:
        return self.limits.dump()

    def load(self, items: Iterable[bytes]) -> None:
        self.limits.load(items)


_UNKNOWN = Limit()
"""Stands for a limit that no event has made yet. Never changed."""


class _Decision:
    def __init__(self, limits: Limits, at: Millis) -> None:
        self._limits = limits
        self._at = at
        self.step = Step()

    def acquire(self, message: AcquireSlot) -> None:
        key, execution_id = message.limit_key, message.execution_id
        limit = self._limit(key)
        if execution_id in limit.holders:
            self._grant(key, execution_id)
            return
        if execution_id in limit.queue:
            self._say(execution_id, SlotQueued(execution_id=execution_id, limit_key=key, at=self._at))
            return
        past = self._limits.past.get(past_key(key, execution_id))
        if past is not None and message.at <= past.asked_at:
            # The same request again, after its end: the executor has moved on, unless it was refused and asks again.
            if past.behavior is not None:
                self._refuse(key, execution_id, past.behavior)
            return
        self._assume(limit, message)
        limit = self._limit(key)
        if not limit.full:
            self._emit(SlotTaken(limit_key=key, execution_id=execution_id, asked_at=message.at))
            self._grant(key, execution_id)
        elif limit.behavior == "QUEUE":
            self._emit(SlotAwaited(limit_key=key, execution_id=execution_id, asked_at=message.at))
            self._say(execution_id, SlotQueued(execution_id=execution_id, limit_key=key, at=self._at))
        else:
            self.refuse(message, limit.behavior)

    def release(self, message: ReleaseSlot) -> None:
        key, execution_id = message.limit_key, message.execution_id
        limit = self._limit(key)
        asked_at = limit.holders.get(execution_id, limit.queue.get(execution_id))
        # Older than the request: sent again from before a restart, which holds the slot now.
        if asked_at is None or message.at < asked_at:
            return
        self._emit(SlotLeft(limit_key=key, execution_id=execution_id))
        self._hand_on(key)

    def set_limit(self, message: SetLimit) -> None:
        key = message.limit_key
        limit = self._limit(key)
        if limit.set_at is not None and message.at < limit.set_at:
            return
        same = (limit.limit, limit.behavior) == (message.limit, message.behavior)
        if limit is _UNKNOWN and message.limit is None:
            return
        if not same or limit.set_at is None:
            self._emit(
                LimitFixed(limit_key=key, limit=message.limit, behavior=message.behavior, set_at=message.at)
            )
            self._hand_on(key)

    def refuse(self, message: AcquireSlot, behavior: Refusal) -> None:
        self._emit(
            SlotDenied(
                limit_key=message.limit_key,
                execution_id=message.execution_id,
                asked_at=message.at,
                behavior=behavior,
            )
        )
        self._refuse(message.limit_key, message.execution_id, behavior)

    # ---- private

    def _limit(self, key: str) -> Limit:
        return self._limits.by_key.get(key, _UNKNOWN)

    def _emit(self, event: AnyLimitEvent) -> None:
        self._limits.apply(event)
        self.step.events.append(event)

    def _say(self, execution_id: str, message: Message) -> None:
        self.step.outbox.append(Outgoing("executions.commands", execution_id, message))

    def _grant(self, key: str, execution_id: str) -> None:
        self._say(execution_id, SlotGranted(execution_id=execution_id, limit_key=key, at=self._at))

    def _refuse(self, key: str, execution_id: str, behavior: Refusal) -> None:
        refused = SlotRefused(
            execution_id=execution_id,
            limit_key=key,
            behavior=behavior,
            at=self._at,
        )
        self._say(execution_id, refused)

    def _assume(self, limit: Limit, message: AcquireSlot) -> None:
        """The registry's word counts; before it has come, the request's."""
        if limit.set_at is None and (limit.limit, limit.behavior) != (message.limit, message.behavior):
            self._emit(
                LimitAssumed(limit_key=message.limit_key, limit=message.limit, behavior=message.behavior)
            )
            self._hand_on(message.limit_key)

    def _hand_on(self, key: str) -> None:
        """Free slots go to the oldest in the queue."""
        limit = self._limit(key)
        while limit.queue and not limit.full:
            execution_id, asked_at = next(iter(limit.queue.items()))
            self._emit(SlotTaken(limit_key=key, execution_id=execution_id, asked_at=asked_at))
            self._grant(key, execution_id)
