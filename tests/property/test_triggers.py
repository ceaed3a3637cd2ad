"""Laws of schedules: no slot is lost or doubled under saves, locks, restarts, lost appends and clock jumps."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.execution import StartExecution
from contracts.machine import Step, TimerDue
from contracts.scalars import derive_id
from services.trigger_listener.core.slot import parse_cron, slot_after, slot_before
from tests.support.rig.triggers import KEY, TriggerRig, millis, starts

BEGAN = millis("2026-03-01T08:00:00+00:00")
MINUTE = 60_000


class Started(TriggerRig):
    """What each slot started, only once."""

    def __init__(self, *, locks: bool) -> None:
        super().__init__()
        self.locks = locks
        self.started: dict[str, StartExecution] = {}
        self.running: list[str] = []

    def take(self, step: Step) -> None:
        super().take(step)
        for start in starts(step):
            assert start.execution_id not in self.started, "started twice"
            self.started[start.execution_id] = start
            self.running.append(start.execution_id)

    def save(self, number: int, *, lost: bool = False) -> None:
        definition: dict[str, Any] = {
            "cron": "*/5 * * * *",
            "allowConcurrent": not self.locks,
            "inputs": {"a": number},
        }
        if lost:
            self.when_not_appended(self.a_definition(self.revision + 1, definition))
        else:
            self.define(**definition)

    def advance(self, milliseconds: int, *, away: bool, lost: bool) -> None:
        """``lost``: the record of the first timer that fires never reaches the journal."""
        end = self.now + milliseconds
        first = self.next_timer(end) if lost else None
        if first is not None:
            self.now = end if away else max(self.now, self.timers[first])
            self.when_not_appended(TimerDue(first, self.timers[first]))
        self.wait_until(end, away=away)

    def end_one(self) -> None:
        if self.running:
            execution_id = self.running.pop(0)
            if self.locks:
                self.unlock(execution_id)


actions = st.lists(
    st.one_of(
        st.tuples(st.just("advance"), st.integers(0, 40 * MINUTE), st.booleans(), st.booleans()),
        st.tuples(st.just("to the slot"), st.just(0), st.booleans(), st.booleans()),
        st.tuples(st.just("save"), st.integers(0, 3), st.booleans(), st.just(False)),
        st.tuples(st.just("end"), st.just(0), st.just(False), st.just(False)),
        st.tuples(st.just("restart"), st.just(0), st.booleans(), st.just(False)),
    ),
    max_size=25,
)


@given(actions, st.booleans())
@settings(max_examples=150, deadline=None)
def test_every_slot_fires_once_in_order(actions, locks) -> None:
    rig = Started(locks=locks)
    rig.save(0)
    for action, number, first, second in actions:
        match action:
            case "advance":
                rig.advance(number, away=first, lost=second)
            case "to the slot":
                rig.advance(5 * MINUTE - rig.now % (5 * MINUTE), away=first, lost=second)
            case "save":
                rig.save(number, lost=first)
            case "end":
                rig.end_one()
            case "restart":
                rig.restart(snapshot=first)
        if locks:
            assert len(rig.running) <= 1, "two at once"
    rig.advance(0, away=False, lost=False)
    while locks and rig.running:
        rig.end_one()
    expected = list(range(BEGAN + 5 * MINUTE, rig.now + 1, 5 * MINUTE))
    assert list(rig.started) == [derive_id("schedule", KEY, str(slot)) for slot in expected]


fields = st.tuples(
    st.sampled_from(["0", "30", "*", "*/7", "15,45", "10-20/5"]),
    st.sampled_from(["2", "*", "1-3", "*/6", "0,23"]),
    st.sampled_from(["*", "1", "13", "*/10"]),
    st.sampled_from(["*", "3,10", "*/3"]),
    st.sampled_from(["*", "0", "7", "1-5", "*/2"]),
)


@given(
    fields,
    st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    st.integers(1_700_000_000_000, 1_800_000_000_000),
)
@settings(max_examples=150, deadline=None)
def test_slots_ascend_and_backwards_is_the_inverse_of_forwards(fields, zone, instant) -> None:
    cron = parse_cron(" ".join(fields), zone, with_seconds=False)
    first = slot_after(cron, instant)
    assert first is not None
    assert first > instant
    second = slot_after(cron, first)
    assert second is not None
    assert second > first
    assert slot_before(cron, second) == first
    before = slot_before(cron, first)
    assert before is not None
    assert before <= instant
    assert slot_after(cron, before) == first
