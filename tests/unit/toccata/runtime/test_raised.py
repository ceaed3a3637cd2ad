"""What the runtime remembers of an input whose step raised, and for how long."""

from __future__ import annotations

from contracts import codec
from contracts.codec import Codec
from contracts.machine import Input, Logged, Step, Timer, TimerDue
from contracts.scalars import Millis
from tests.support.counter import SOURCES, Add, CounterMachine
from toccata.runtime.processor.input import Failing, Offered, Position, Source
from toccata.runtime.processor.journal import TIMER
from toccata.runtime.processor.partition import Partition

EVERY_MS = 60_000


class Ticking(CounterMachine):
    """Its one timer counts each minute. The step of the minutes in ``bad`` raises, and perhaps failing it does, too."""

    bad: frozenset[int] = frozenset()
    fails_badly = False

    def step(self, message: Input, at: Millis) -> Step:
        if not isinstance(message, TimerDue):
            return Step(timers=[Timer("tick/1", at + EVERY_MS)])
        if message.due in self.bad:
            raise RuntimeError("a bug")
        return self._again(super().step(message, at), message)

    def fail(self, message: Input, at: Millis, error: str) -> Step:
        assert isinstance(message, TimerDue)
        if self.fails_badly:
            raise RuntimeError("a bug")
        return self._again(Step(), message)

    def _again(self, step: Step, due: TimerDue) -> Step:
        step.timers.append(Timer(due.name, due.due + EVERY_MS))
        return step


class Life:
    """A partition that is rebuilt whenever a step raises, as the host does it."""

    def __init__(self, machine: type[CounterMachine], sources: list[Source]) -> None:
        self.machine, self.sources = machine, sources
        self.journal: list[bytes] = []
        self.failing: dict[Position, Failing] = {}
        self.rebuilds = -1
        self.partition = self.build()

    def build(self) -> Partition:
        self.rebuilds += 1
        partition = Partition("triggers", 0, self.machine(), self.sources, self.failing)
        for offset, value in enumerate(self.journal):
            partition.replay(offset, value)
        _, epoch = partition.begin(1)
        partition.began(len(self.journal))
        self.journal.append(epoch)
        return partition

    def decide(self, now: Millis, *inputs: Offered) -> None:
        while True:
            values = self.partition.decide(inputs, now)
            self.partition.committed(len(self.journal))
            self.journal += values
            if self.partition.raised is None:
                return
            self.failing[self.partition.raised.input] = self.partition.raised.failing
            self.partition = self.build()

    def total(self) -> int:
        assert isinstance(self.partition.machine, CounterMachine)
        return self.partition.machine.totals["tick"]


def ticking(bad: set[int], *, fails_badly: bool = False) -> Life:
    life = Life(type("Ticks", (Ticking,), {"bad": frozenset(bad), "fails_badly": fails_badly}), SOURCES)
    life.decide(EVERY_MS, Offered(0, 0, b"n", codec.encode(Add(name="tick", amount=1))))
    return life


def test_a_timer_that_raised_once_does_not_skip_every_later_one_of_its_name() -> None:
    life = ticking({3 * EVERY_MS})
    for minute in range(2, 8):
        life.decide(minute * EVERY_MS)
    assert life.total() == 5
    assert life.rebuilds == 1


def test_a_timer_that_cannot_even_be_failed_comes_again_later() -> None:
    life = ticking({2 * EVERY_MS}, fails_badly=True)
    for minute in range(2, 16):
        life.decide(minute * EVERY_MS)
    assert life.rebuilds == 2
    assert life.total() >= 2


def test_only_inputs_that_our_own_services_write_count_as_trouble() -> None:
    foreign = Source("executions.starts", Codec(Add))
    partition = Partition("triggers", 0, CounterMachine(), [foreign, *SOURCES])
    assert partition.is_foreign((0, 7))
    assert not partition.is_foreign((1, 7))
    assert not partition.is_foreign((TIMER, ("tick/1", 7)))


class Dated(CounterMachine):
    seen: list[Logged] = []

    def step(self, message: Input, at: Millis) -> Step:
        assert isinstance(message, Logged)
        self.seen.append(message)
        return super().step(message.message, at)


def test_a_machine_learns_the_time_of_a_record_from_the_log() -> None:
    life = Life(Dated, [Source("triggers.commands", Codec(Add), logged=True)])
    life.decide(9_000, Offered(0, 0, b"n", codec.encode(Add(name="n", amount=1)), 5_000))
    assert [each.at for each in Dated.seen] == [5_000]
