"""The only entrance to dispatch. It chooses the decision for an input, and keeps the state between decisions."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.codec import Codec
from contracts.machine import Input, Step, TimerDue, Turn
from contracts.scalars import Millis
from contracts.work import (
    EnqueueAttempt,
    WithdrawAttempt,
    WorkerAnnounced,
    WorkerDoubted,
    WorkerDraining,
    WorkerReported,
)
from services.executor.dispatch import dump
from services.executor.dispatch.decide import attempt, worker
from services.executor.dispatch.decide.leave import tell_ended
from services.executor.dispatch.event import JOURNAL, JournalEvent
from services.executor.dispatch.evolve import evolve
from services.executor.dispatch.state import DispatchState
from services.executor.dispatch.turn import read_timer

_ALL = "all"
"""The one entity of a snapshot. What is queued and handed out changes as a whole, and is small: ended attempts leave it."""


class DispatchMachine:
    journal: Codec[JournalEvent] = JOURNAL
    published: str | None = None

    def __init__(self) -> None:
        self.state = DispatchState()

    def step(self, message: Input, at: Millis) -> Step:
        turn = Turn(self.state, at, evolve)
        match message:
            case EnqueueAttempt():
                attempt.enqueue(turn, message)
            case WithdrawAttempt():
                attempt.withdraw(turn, message)
            case WorkerReported():
                worker.report(turn, message)
            case WorkerAnnounced():
                worker.announce(turn, message)
            case WorkerDraining():
                worker.drain(turn, message)
            case WorkerDoubted():
                worker.doubt(turn, message)
            case TimerDue(name=name, due=due):
                kind, group, subject = read_timer(name)
                if kind == "lease":
                    worker.check_lease(turn, group, subject, due)
                else:
                    attempt.stop_again(turn, group, subject)
            case _:
                raise TypeError(f"dispatch cannot decide a {type(message).__name__}")
        return turn.step

    def fail(self, message: Input, at: Millis, error: str) -> Step:
        """Tell the executor that the attempt failed. Skip a worker's message or a timer."""
        turn = Turn(self.state, at, evolve)
        reason = f"internal error while dispatching: {error}"
        if isinstance(message, EnqueueAttempt):
            tell_ended(turn, message, "failed", reason)
        elif isinstance(message, WithdrawAttempt):
            tell_ended(turn, message, "cancelled", reason)
        return turn.step

    def evolve(self, event: JournalEvent) -> None:
        evolve(self.state, event)

    def public_key(self, event: JournalEvent) -> str | None:  # noqa: ARG002 - dispatch has no public events
        return None

    def dump(self) -> Iterable[bytes]:
        return dump.dump(self.state)

    def load(self, items: Iterable[bytes]) -> None:
        dump.load(self.state, items)

    def entities(self) -> Iterable[str]:
        return [_ALL]

    def take_touched(self) -> Iterable[str]:
        return [_ALL]

    def dump_entity(self, entity: str) -> Iterable[bytes]:
        return dump.dump(self.state) if entity == _ALL else ()

    def load_entities(self, entities: Iterable[tuple[str, list[bytes]]]) -> None:
        for _, items in entities:
            dump.load(self.state, items)

    def timer_owner(self, name: str) -> str:  # noqa: ARG002 - there is one entity
        return _ALL
