"""Which input a process died of."""

from __future__ import annotations

from contracts import codec
from contracts.machine import Input, Step, TimerDue
from contracts.scalars import Millis
from tests.support.counter import SOURCES, Add, CounterMachine
from toccata.runtime.dead_letter import decode_dead_letter
from toccata.runtime.processor.input import Offered
from toccata.runtime.processor.partition import Partition
from toccata.runtime.suspicion import DEATHS, Suspicion

POISON = "poison"
FATAL = "fatal"
MINUTE = 60_000


class Died(BaseException):
    """The process is gone, and with it all that was not appended."""


class DeadlyMachine(CounterMachine):
    def step(self, message: Input, at: Millis) -> Step:
        if isinstance(message, Add) and message.name == POISON:
            raise Died
        if isinstance(message, TimerDue) and message.name.startswith(FATAL):
            raise Died
        return super().step(message, at)


class Log:
    """A journal, and processes that decide on it, each with its own number."""

    def __init__(self, *inputs: bytes) -> None:
        self.journal: list[bytes] = []
        self.inputs = list(inputs)
        self.processes = 0
        self.now = 1_000

    def run(self, process: int | None = None, *, batch: int = 500, stop: bool = False) -> Partition:
        """One process: recover, decide all inputs. Raise Died where it dies."""
        self.processes += 1
        partition = Partition("triggers", 0, DeadlyMachine(), SOURCES)
        for offset, value in enumerate(self.journal):
            partition.replay(offset, value)
        _, record = partition.begin(process or self.processes, self.now)
        partition.began(self.append([record]))
        while True:
            first = partition.processed.get(0, -1) + 1
            careful = partition.suspicion.careful
            most = 1 if careful else batch
            items = [
                Offered(0, n, b"k", value) for n, value in enumerate(self.inputs) if first <= n < first + most
            ]
            if careful:
                position = partition.next_up(items, self.now)
                if position is None:
                    break
                partition.signed(self.append([partition.announcement(position)]))
                values = partition.decide_one(position)
                partition.suspicion.step()
            else:
                due = partition.next_due()
                if not items and (due is None or due > self.now):
                    break
                values = partition.decide(items, self.now)
            partition.committed(self.append(values))
        if stop:
            self.append([partition.mark_record()])
        return partition

    def append(self, values: list[bytes]) -> int:
        base = len(self.journal)
        self.journal.extend(values)
        return base

    def deaths_until_it_lives(self, most: int = 20) -> tuple[int, Partition]:
        for deaths in range(most):
            try:
                return deaths, self.run()
            except Died:
                continue
        raise AssertionError(f"{most} processes died")


def add(name: str, later_ms: int = 0) -> bytes:
    return codec.encode(Add(name=name, amount=1, later_ms=later_ms))


def letters(partition: Partition) -> list[tuple[str, int, str]]:
    dead = [decode_dead_letter(s.value) for s in partition.unsent()[1] if s.topic == "dead"]
    return [(d.topic, d.offset, d.reason) for d in dead]


def test_an_input_that_kills_every_process_is_set_aside_and_its_neighbours_are_decided_once() -> None:
    log = Log(*(add("a") for _ in range(7)), add(POISON), *(add("a") for _ in range(7)))

    deaths, partition = log.deaths_until_it_lives()

    assert deaths <= DEATHS + 2, "two die before anybody announces what it decides"
    assert partition.machine.totals == {"a": 14}  # type: ignore[attr-defined]
    assert letters(partition) == [("triggers.commands", 7, f"{DEATHS} processes died while they decided it")]
    assert partition.set_aside == 1


def test_a_fatal_input_behind_others_in_a_busy_partition_is_found_too() -> None:
    log = Log(*(add("a") for _ in range(50)))
    log.run()
    log.inputs += [add("b"), *(add("a") for _ in range(300)), add(POISON), add("b")]

    deaths, partition = log.deaths_until_it_lives()

    assert deaths <= DEATHS + 2
    assert partition.machine.totals == {"a": 350, "b": 2}  # type: ignore[attr-defined]
    assert [offset for _, offset, _ in letters(partition)] == [351]


def test_a_timer_that_kills_every_process_is_set_aside() -> None:
    log = Log(add(FATAL, later_ms=500), add("a"))
    log.run(stop=True)
    log.now += MINUTE

    deaths, partition = log.deaths_until_it_lives()

    assert deaths <= DEATHS + 2
    assert partition.next_due() is None
    assert letters(partition)[0][0] == "triggers.timers"
    assert partition.set_aside == 1


def test_a_partition_is_not_careful_after_a_clean_stop() -> None:
    log = Log()
    for _ in range(5):
        assert log.run(stop=True).suspicion.careful == 0


def test_a_process_that_steps_down_and_recovers_is_no_death() -> None:
    log = Log()
    for _ in range(5):
        assert log.run(process=7).suspicion.careful == 0


def test_a_crash_of_an_idle_owner_makes_the_next_one_careful_for_a_while() -> None:
    log = Log()
    log.run()
    log.run()
    log.inputs = [add("a") for _ in range(3)]

    partition = log.run()

    assert partition.machine.totals == {"a": 3}  # type: ignore[attr-defined]
    assert 0 < partition.suspicion.careful < 1_000


def test_unrelated_deaths_after_an_input_without_effect_do_not_bury_it() -> None:
    log = Log()
    log.run()
    log.inputs = [codec.encode(Add(name="a", amount=0))]
    for _ in range(6):
        assert letters(log.run()) == []


def test_a_process_that_lives_on_clears_its_own_announcement() -> None:
    suspicion = Suspicion()
    for process in (1, 2, 3):
        suspicion.epoch(process, 0)
        suspicion.announced(("t", 5))
        suspicion.epoch(process, 0)

    suspicion.begin(4, 0)
    assert suspicion.deaths(("t", 5)) == 0


def test_deaths_in_one_input_count_though_processes_came_to_another_one_in_between() -> None:
    suspicion = Suspicion()
    for process, offset in ((1, 5), (2, 5), (3, 6), (4, 5)):
        suspicion.epoch(process, 0)
        suspicion.announced(("t", offset))

    suspicion.begin(9, 0)
    assert (suspicion.deaths(("t", 5)), suspicion.deaths(("t", 6))) == (3, 1)


def test_an_input_that_comes_first_between_two_deaths_does_not_hide_them() -> None:
    suspicion = Suspicion()
    for process in (1, 2, 3):
        suspicion.epoch(process, 0)
        suspicion.announced(("other", process))
        suspicion.decided(0)
        suspicion.announced(("t", 5))

    suspicion.begin(9, 0)
    assert suspicion.verdict(("t", 5)) == "3 processes died while they decided it"
    assert suspicion.verdict(("other", 1)) == ""


def test_an_input_that_was_decided_is_no_suspect_any_more() -> None:
    suspicion = Suspicion()
    suspicion.epoch(1, 0)
    suspicion.announced(("t", 5))
    suspicion.epoch(2, 0)
    suspicion.decided(0, ("t", 5))

    suspicion.begin(3, 0)
    assert suspicion.deaths(("t", 5)) == 0
    assert suspicion.careful == 0


class Places:
    """Processes that keep their signs beside an offset, as the indexer and the event listener do."""

    def __init__(self) -> None:
        self.signs, self.processes = "", 0

    def begin(self) -> Suspicion:
        self.processes += 1
        suspicion = Suspicion.of(self.signs)
        suspicion.begin(self.processes, 0)
        self.keep(suspicion)
        return suspicion

    def keep(self, suspicion: Suspicion) -> None:
        self.signs = suspicion.signs()


def test_signs_that_are_kept_tell_the_same_as_a_journal() -> None:
    places, deaths = Places(), 0
    while True:
        suspicion = places.begin()
        if suspicion.careful:
            suspicion.announced(("t/0", 7))
            places.keep(suspicion)
            if suspicion.verdict(("t/0", 7)):
                break
        deaths += 1

    assert deaths == DEATHS + 1, "one dies before anybody announces what it decides"
    suspicion.decided(0)
    suspicion.stopped()
    places.keep(suspicion)
    assert places.begin().careful == 0


def test_signs_that_nobody_can_read_are_none() -> None:
    for signs in ("", "garbage", "{}", '["x"]'):
        assert Suspicion.of(signs).signs() == Suspicion().signs()


def test_signs_stay_small_whatever_happens() -> None:
    """Kafka keeps 4,096 bytes beside an offset."""
    suspicion = Suspicion()
    for process in range(200):
        suspicion.epoch(2**62 - process, 2**42)
        suspicion.announced(("a-topic-with-a-long-name" * 4, 2**42 + process % 30))
    assert len(suspicion.signs()) < 4_096
