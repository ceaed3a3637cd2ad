"""Laws of backfills: each date of the range once, in order, and none of the schedule's own slots lost or doubled, whatever people do
meanwhile, under locks, restarts and lost appends. Machines that leave out a duty are caught."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from contracts.execution import StartExecution
from contracts.machine import Step, TimerDue
from contracts.scalars import derive_id
from contracts.trigger import (
    CreateBackfill,
    TriggerBackfillBegun,
    TriggerBackfillEnded,
    TriggerBackfillFired,
    TriggerBackfillPaused,
)
from services.trigger_listener.core.event import JournalEvent
from services.trigger_listener.core.machine import TriggerMachine
from services.trigger_listener.core.state import Trigger
from tests.support.rig.triggers import KEY, NAMES, TriggerRig, millis, starts

BEGAN = millis("2026-03-01T08:00:00+00:00")
MINUTE = 60_000
SLOT = 5 * MINUTE


class World(TriggerRig):
    """A schedule of five minutes, its backfills, and the dates that each of them must run."""

    def __init__(self, make: Callable[[], TriggerMachine], *, locks: bool) -> None:
        super().__init__()
        self.make = make
        self.machine = make()
        self.locks = locks
        self.expected: dict[str, list[int]] = {}
        """By backfill, the dates of its range that have not run."""
        self.current = ""
        self.paused = False
        self.started: set[str] = set()
        self.scheduled: list[int] = []
        """Slots of the schedule itself that ran, be it in a backfill."""
        self.running: list[str] = []
        self.define(cron="*/5 * * * *", allowConcurrent=not locks)

    def take(self, step: Step) -> None:
        super().take(step)
        for event in step.events:
            match event:
                case TriggerBackfillBegun():
                    first = -(-event.start_at // SLOT) * SLOT
                    self.expected[event.backfill_id] = list(range(first, event.end_at + 1, SLOT))
                    self.current, self.paused = event.backfill_id, False
                case TriggerBackfillPaused():
                    self.paused = event.paused
                case TriggerBackfillEnded():
                    assert not event.finished or self.expected[self.current] == [], "it ended early"
                    self.current = ""
                case TriggerBackfillFired():
                    assert self.current, "it fired after its end"
                    assert not self.paused, "it fired while it was paused"
                    assert self.expected[self.current][:1] == [event.slot_at], "not the next date"
                    assert event.slot_at <= self.now, "before its time"
                    self.expected[self.current].pop(0)
                    if event.slot_at == self._last() + SLOT:
                        self.scheduled.append(event.slot_at)
        for start in starts(step):
            self._start(start)

    def _last(self) -> int:
        return self.scheduled[-1] if self.scheduled else BEGAN

    def _start(self, start: StartExecution) -> None:
        assert start.execution_id not in self.started, "started twice"
        self.started.add(start.execution_id)
        assert not (self.locks and self.running), "two at once"
        self.running.append(start.execution_id)
        assert start.trigger is not None
        slot = millis(str(start.trigger.variables["date"]).replace("Z", "+00:00"))
        if start.execution_id == derive_id("schedule", KEY, str(slot)):
            dates = self.expected.get(self.current)
            assert not dates or slot < dates[0], "the schedule did not wait"
            self.scheduled.append(slot)

    def create(self, before: int, length: int) -> None:
        begin = self.now - before * MINUTE
        request = str(len(self.steps))
        end = begin + length * MINUTE
        self.when(CreateBackfill(**NAMES, start=begin, end=end, at=self.now, request_id=request))

    def restart(self, *, snapshot: bool = False) -> None:
        """Without the rig's comparison, so that only the laws catch a broken machine."""
        self.save_cells()
        self.machine = self._from_cells() if snapshot else self._from_journal()

    def end_one(self) -> None:
        if self.running:
            execution_id = self.running.pop(0)
            if self.locks:
                self.unlock(execution_id)

    def lose_one(self) -> None:
        """The record of the next timer never reaches the journal."""
        name = self.next_timer(self.now)
        if name is not None:
            self.when_not_appended(TimerDue(name, self.timers[name]))

    def finish(self) -> None:
        """Enable, continue, and let everything end."""
        self.change_backfill("continue")
        for _ in range(2_000):
            self.settle()
            if not self.running and self.next_timer(self.now) is None:
                break
            self.end_one()
        assert not self.current or self.expected[self.current][0] > self.now, "dates are left"
        if not self.current:
            assert self.scheduled == list(range(BEGAN + SLOT, self.now + 1, SLOT)), "slots of the schedule"


actions = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.integers(0, 20), st.booleans()),
        st.tuples(st.just("create"), st.integers(-30, 90), st.integers(0, 60)),
        st.tuples(st.sampled_from(["pause", "continue", "delete"]), st.just(0), st.just(False)),
        st.tuples(st.just("end"), st.integers(1, 5), st.just(False)),
        st.tuples(st.just("lose"), st.just(0), st.just(False)),
        st.tuples(st.just("save"), st.just(0), st.just(False)),
        st.tuples(st.just("restart"), st.just(0), st.booleans()),
    ),
    max_size=25,
)


def play(make: Callable[[], TriggerMachine], moves: list[Any], *, locks: bool) -> None:
    world = World(make, locks=locks)
    for action, number, second in moves:
        match action:
            case "advance":
                world.wait(number * MINUTE, away=bool(second))
            case "create":
                world.create(number, int(second))
            case "end":
                for _ in range(number):
                    world.end_one()
            case "lose":
                world.lose_one()
            case "save":
                world.define(cron="*/5 * * * *", allowConcurrent=not locks)
            case "restart":
                world.restart(snapshot=bool(second))
            case _:
                world.change_backfill(action)
    world.finish()


@given(actions, st.booleans())
@settings(max_examples=300, deadline=None)
def test_each_date_runs_once_in_order_and_the_schedule_loses_nothing(moves: list[Any], locks: bool) -> None:
    play(TriggerMachine, moves, locks=locks)


class StandsStill(TriggerMachine):
    """Runs a date, and does not move to the next one."""

    def evolve(self, event: JournalEvent) -> None:
        slot = _slot(self)
        super().evolve(event)
        if isinstance(event, TriggerBackfillFired) and slot is not None:
            _trigger(self).backfill.slot_at = slot  # type: ignore[union-attr]


class BeginsAgain(TriggerMachine):
    """Begins at the first date after a restart."""

    def load_entities(self, entities: Any) -> None:
        super().load_entities(entities)
        for trigger in self.state.by_key.values():
            if trigger.backfill is not None:
                trigger.backfill.slot_at = -(-trigger.backfill.start_at // SLOT) * SLOT


class ForgetsThePause(TriggerMachine):
    """Goes on after a restart, though it was paused."""

    def load_entities(self, entities: Any) -> None:
        super().load_entities(entities)
        for trigger in self.state.by_key.values():
            if trigger.backfill is not None:
                trigger.backfill.paused = False


class LosesItself(TriggerMachine):
    """A save ends the backfill without a word."""

    def step(self, message: Any, at: int) -> Step:
        found = super().step(message, at)
        if type(message).__name__ == "DefineTrigger" and KEY in self.state.by_key:
            _trigger(self).backfill = None
        return found


def _trigger(machine: TriggerMachine) -> Trigger:
    return machine.state.by_key[KEY]


def _slot(machine: TriggerMachine) -> int | None:
    trigger = machine.state.by_key.get(KEY)
    return None if trigger is None or trigger.backfill is None else trigger.backfill.slot_at


@pytest.mark.parametrize("broken", [StandsStill, BeginsAgain, ForgetsThePause, LosesItself])
def test_a_machine_that_leaves_out_a_duty_is_caught(broken: type[TriggerMachine]) -> None:
    @given(actions, st.booleans())
    @settings(max_examples=2_000, deadline=None, phases=[Phase.generate], database=None)
    def laws(moves: list[Any], locks: bool) -> None:
        play(broken, moves, locks=locks)

    with pytest.raises(AssertionError):
        laws()
