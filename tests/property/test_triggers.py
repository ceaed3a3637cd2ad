"""Laws of schedules: no slot is lost or doubled under saves, locks, restarts, lost appends and clock jumps."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from contracts.codec import Codec, encode
from contracts.execution import StartExecution
from contracts.language.types.trigger.schedule import SCHEDULE
from contracts.machine import Input, TimerDue
from contracts.scalars import derive_id
from contracts.trigger import DefineTrigger, UnlockTrigger
from services.trigger_listener.core.machine import TriggerMachine
from services.trigger_listener.core.slot import parse_cron, slot_after, slot_before

NAMES: Any = {"namespace": "n", "flow_id": "f", "trigger_id": "s"}
KEY = "n/f/s"
START = 1_772_352_000_000
MINUTE = 60_000


class World:
    """A partition with a durable journal; whatever is not in it never happened."""

    def __init__(self, *, locks: bool) -> None:
        self.locks = locks
        self.machine = TriggerMachine()
        self.codec: Codec[Any] = TriggerMachine.journal
        self.journal: list[bytes] = []
        self.timers: dict[str, int] = {}
        self.now = START
        self.revision = 0
        self.started: dict[str, StartExecution] = {}
        self.running: list[str] = []

    def step(self, message: Input, *, lost: bool = False) -> None:
        step = self.machine.step(message, self.now)
        if lost:
            self.restart()
            return
        self.journal += [encode(event) for event in step.events]
        if isinstance(message, TimerDue):
            self.timers.pop(message.name, None)
        for timer in step.timers:
            self.timers.pop(timer.name, None)
            if timer.due is not None:
                self.timers[timer.name] = timer.due
        for out in step.outbox:
            assert isinstance(out.message, StartExecution)
            assert out.key not in self.started, "started twice"
            self.started[out.key] = out.message
            self.running.append(out.key)

    def restart(self, *, snapshot: bool = False) -> None:
        restored = TriggerMachine()
        if snapshot:
            restored.load(list(self.machine.dump()))
        else:
            for event in self.journal:
                restored.evolve(self.codec.decode(event))
        self.machine = restored

    def save(self, number: int, *, lost: bool = False) -> None:
        message = DefineTrigger(
            **NAMES,
            revision=self.revision + 1,
            trigger_type=SCHEDULE.name,
            definition={"cron": "*/5 * * * *", "allowConcurrent": not self.locks, "inputs": {"a": number}},
            at=self.now,
        )
        self.step(message, lost=lost)
        self.revision += not lost

    def advance(self, milliseconds: int, *, away: bool, lost: bool) -> None:
        end = self.now + milliseconds
        while due := min(((due, name) for name, due in self.timers.items() if due <= end), default=None):
            self.now = end if away else max(self.now, due[0])
            if lost:
                self.step(TimerDue(due[1], due[0]), lost=True)
                lost = False
            else:
                self.step(TimerDue(due[1], due[0]))
        self.now = end

    def end_one(self) -> None:
        if self.running:
            execution_id = self.running.pop(0)
            if self.locks:
                self.step(UnlockTrigger(**NAMES, at=self.now, execution_id=execution_id, state="SUCCESS"))


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
    world = World(locks=locks)
    world.save(0)
    for action, number, first, second in actions:
        match action:
            case "advance":
                world.advance(number, away=first, lost=second)
            case "to the slot":
                world.advance(5 * MINUTE - world.now % (5 * MINUTE), away=first, lost=second)
            case "save":
                world.save(number, lost=first)
            case "end":
                world.end_one()
            case "restart":
                world.restart(snapshot=first)
        if locks:
            assert len(world.running) <= 1, "two at once"
    world.advance(0, away=False, lost=False)
    while locks and world.running:
        world.end_one()
    expected = list(range(START + 5 * MINUTE, world.now + 1, 5 * MINUTE))
    assert list(world.started) == [derive_id("schedule", KEY, str(slot)) for slot in expected]


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
