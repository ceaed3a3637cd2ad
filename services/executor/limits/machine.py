"""The only entrance to limits. It chooses the decision for an input, and keeps the state between decisions."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.codec import Codec
from contracts.limit import AcquireSlot, ReleaseSlot, SetLimit
from contracts.machine import Input, Step, TimerDue, Turn
from contracts.scalars import Millis
from services.executor.limits import decide, dump
from services.executor.limits.event import JOURNAL, JournalEvent
from services.executor.limits.evolve import evolve
from services.executor.limits.state import LimitsState


class LimitMachine:
    journal: Codec[JournalEvent] = JOURNAL
    published: str | None = None

    def __init__(self) -> None:
        self.state = LimitsState()

    def step(self, message: Input, at: Millis) -> Step:
        turn = Turn(self.state, at, evolve)
        match message:
            case AcquireSlot():
                decide.acquire(turn, message)
            case ReleaseSlot():
                decide.release(turn, message)
            case SetLimit():
                decide.set_limit(turn, message)
            case TimerDue(name=name):
                decide.check(turn, name.removeprefix(f"{decide.CHECK}/"))
            case _:
                raise TypeError(f"limits cannot decide a {type(message).__name__}")
        return turn.step

    def fail(self, message: Input, at: Millis, error: str) -> Step:  # noqa: ARG002 - the runtime logs the trace
        """Refuse an execution that asked, so that it does not wait for ever. Check again later."""
        turn = Turn(self.state, at, evolve)
        if isinstance(message, TimerDue):
            turn.timer(message.name, at + decide.CHECK_MS)
        if isinstance(message, AcquireSlot):
            decide.deny(turn, message, "FAIL")
        return turn.step

    def evolve(self, event: JournalEvent) -> None:
        evolve(self.state, event)

    def public_key(self, event: JournalEvent) -> str | None:  # noqa: ARG002 - limits has no public events
        return None

    def dump(self) -> Iterable[bytes]:
        return dump.dump(self.state)

    def load(self, items: Iterable[bytes]) -> None:
        dump.load(self.state, items)

    def entities(self) -> Iterable[str]:
        return dump.entities(self.state)

    def take_touched(self) -> Iterable[str]:
        touched, self.state.touched = self.state.touched, {}
        return touched

    def dump_entity(self, entity: str) -> Iterable[bytes]:
        return dump.dump_entity(self.state, entity)

    def load_entities(self, entities: Iterable[tuple[str, list[bytes]]]) -> None:
        dump.load_entities(self.state, entities)

    def timer_owner(self, name: str) -> str:
        return dump.limit_entity(name.removeprefix(f"{decide.CHECK}/"))
