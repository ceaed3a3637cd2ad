"""Given, when, then for the machine of any processor: a clock that a test moves, timers that fire when they are due, and a
journal from which the machine can be rebuilt.

Each processor adds its own words (``enqueue``, ``acquire``, ``put`` …) in a module of its name. Their meaning is here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from contracts.codec import encode
from contracts.machine import Input, Machine, Outgoing, Step, TimerDue
from contracts.message import Message

BEGIN = 1_800_000_000_000
M = TypeVar("M", bound=Machine[Any])


class Rig(Generic[M]):
    def __init__(self, make: Callable[[], M], now: int = BEGIN) -> None:
        self.make = make
        self.machine = make()
        self.now = now
        self.timers: dict[str, int] = {}
        """Due times by timer name."""
        self.journal: list[bytes] = []
        """Every event as recorded."""
        self.outbox: list[Outgoing] = []
        """Everything that was ever owed, in order."""
        self.steps: list[Step] = []
        self.cells: dict[str, list[bytes]] = {}
        """By entity, what snapshots wrote of it."""

    # Given and when

    def given(self, *messages: Input) -> None:
        """Send earlier messages, which other tests check."""
        for message in messages:
            self.when(message)

    def when(self, message: Input) -> Step:
        step = self.machine.step(message, self.now)
        if isinstance(message, TimerDue):
            self.timers.pop(message.name, None)
        self.take(step)
        return step

    def when_it_raised(self, message: Input, error: str = "boom") -> Step:
        """The step of this input raised. Ask the machine what follows."""
        step = self.machine.fail(message, self.now, error)
        self.take(step)
        return step

    def when_not_appended(self, message: Input) -> None:
        """The record of this step never reached the journal, so it did not happen."""
        self.machine.step(message, self.now)
        self.machine = self._from_journal()

    def take(self, step: Step) -> None:
        """Take a step, as the runtime does once its record is in the journal."""
        self.steps.append(step)
        self.journal += [encode(event) for event in step.events]
        for timer in step.timers:
            self.timers.pop(timer.name, None)
            if timer.due is not None:
                self.timers[timer.name] = timer.due
        self.outbox += step.outbox

    def tick(self) -> int:
        """Let a moment pass."""
        self.now += 1
        return self.now

    def wait(self, milliseconds: int, *, away: bool = False) -> list[Step]:
        """Let time pass. Timers fire when they are due. If we were ``away``, all fire at the end."""
        return self.wait_until(self.now + milliseconds, away=away)

    def wait_until(self, end: int, *, away: bool = False) -> list[Step]:
        steps = []
        while (name := self.next_timer(end)) is not None:
            self.now = end if away else max(self.now, self.timers[name])
            steps.append(self.fire(name))
        self.now = end
        return steps

    def next_timer(self, until: int) -> str | None:
        """Return the first timer that is due until then. Of several at once, return the first by name."""
        due = [(at, name) for name, at in self.timers.items() if at <= until]
        return min(due)[1] if due else None

    def settle(self) -> list[Step]:
        """Fire timers that are due now, which a machine set for further steps."""
        return self.wait(0)

    def fire(self, name: str) -> Step:
        return self.when(TimerDue(name, self.timers.pop(name)))

    def save_cells(self) -> None:
        """Take a snapshot of what changed."""
        for entity in self.machine.take_touched():
            items = list(self.machine.dump_entity(entity))
            self.cells.pop(entity, None)
            if items:
                self.cells[entity] = items

    def restart(self, *, snapshot: bool = False) -> None:
        """Restart as after a crash, from the journal or from a snapshot. The state is the same."""
        before = sorted(self.machine.dump())
        self.save_cells()
        self.machine = self._from_cells() if snapshot else self._from_journal()
        assert sorted(self.machine.dump()) == before

    # Then

    def sent(self, kind: type[Message]) -> list[Any]:
        """Return all messages of this kind that were ever owed."""
        return messages(self.outbox, kind)

    def assert_rebuilds(self) -> None:
        """Check that folding the events in order gives the state, and that it survives a dump and snapshots of what changed."""
        present = list(self.machine.dump())
        assert list(self._from_journal().dump()) == present
        assert list(self._from_dump().dump()) == present
        self.save_cells()
        assert sorted(self.machine.dump()) == sorted(present), "a snapshot changes nothing"
        assert sorted(self._from_cells().dump()) == sorted(present)

    def _from_journal(self) -> M:
        machine = self.make()
        for raw in self.journal:
            machine.evolve(machine.journal.decode(raw))
        return machine

    def _from_cells(self) -> M:
        machine = self.make()
        machine.load_entities(self.cells.items())
        return machine

    def _from_dump(self) -> M:
        machine = self.make()
        machine.load(list(self.machine.dump()))
        return machine


def messages(outbox: list[Outgoing], kind: type[Message]) -> list[Any]:
    return [out.message for out in outbox if isinstance(out.message, kind)]


def sent(step: Step, topic: str) -> list[tuple[str, Message]]:
    """Return key and message of everything that a step owes to a topic."""
    return [(out.key, out.message) for out in step.outbox if out.topic == topic]


def is_nothing(step: Step) -> bool:
    """Return whether the step has no events, nothing owed and no timers. The input was decided before, or means nothing."""
    return step == Step()
