"""No input stops a partition. Any record is decided, failed or buried, and the next one is decided."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import pytest

from contracts import codec
from contracts.codec import Codec
from contracts.machine import Input, Outgoing, Step, Timer
from contracts.scalars import Millis
from contracts.topics import HARD_RECORD_BYTES
from tests.support.counter import Add, Added, CounterMachine
from toccata.runtime.dead_letter import dead_letter, decode_dead_letter
from toccata.runtime.kafka import partition_of
from toccata.runtime.processor.input import Failing, Offered, Position, Source
from toccata.runtime.processor.outgoing import Sendable
from toccata.runtime.processor.partition import Partition


class LedMachine(CounterMachine):
    """A machine whose steps have given effects if the counter's name is ``bad``."""

    def __init__(self, led_to: Step, *, fails_well: bool) -> None:
        super().__init__()
        self._led_to = led_to
        self._fails_well = fails_well

    def step(self, message: Input, at: Millis) -> Step:
        bad = isinstance(message, Add) and message.name == "bad"
        return self._led_to if bad else super().step(message, at)

    def fail(self, message: Input, at: Millis, error: str) -> Step:
        return super().fail(message, at, error) if self._fails_well else self._led_to


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


def added(**fields: Any) -> Added:
    return Added(**{"name": "bad", "amount": 1, "total": 1, "at": 1, **fields})


UNSTORABLE = {
    "a timer beyond all numbers": Step(timers=[Timer("t", 10**30)]),
    "text that is no UTF-8": Step(events=[added(name="\ud800")]),
    "an event over the limit": Step(events=[added(name="x" * HARD_RECORD_BYTES)]),
    "owed records over the limit": Step(outbox=[Outgoing("events", "n", added(name="x" * 500_000))] * 2),
    "an owed value too deep to encode": Step(events=[added(amount=nested(5_000))]),
    "an owed value too deep to read": Step(events=[added(amount=nested(200))]),
    "a partition that is not there": Step(outbox=[Outgoing("workers.inbox", "w", added(), 64)]),
}


def run(machine: CounterMachine, sources: list[Source], *inputs: Offered) -> tuple[Partition, list[Sendable]]:
    """Run like the host: an input that raises leads to a rebuild from the journal."""
    journal: list[bytes] = []
    failing: dict[Position, Failing] = {}
    machine_of = iter([machine, *(type(machine).__new__(type(machine)) for _ in range(2))])
    for again in machine_of:
        again.__dict__.update({**machine.__dict__, "failures": [], "totals": defaultdict(int)})
        partition = Partition("triggers", 3, again, sources, failing)
        for offset, value in enumerate(journal):
            partition.replay(offset, value)
        _, epoch = partition.begin(len(journal))
        partition.began(len(journal))
        journal.append(epoch)
        values = partition.decide(inputs, 1_000)
        partition.committed(len(journal))
        journal += values
        if partition.raised is None:
            return partition, partition.unsent()[1]
        failing[partition.raised.input] = partition.raised.failing
    raise AssertionError("the same input raised three times")


def offered(offset: int, name: str) -> Offered:
    return Offered(0, offset, b"n", codec.encode(Add(name=name, amount=1)))


SOURCES = [Source("triggers.commands", Codec(Add))]


@pytest.mark.parametrize("what", UNSTORABLE)
def test_an_input_with_effects_that_cannot_be_stored_is_failed(what: str) -> None:
    machine = LedMachine(UNSTORABLE[what], fails_well=True)

    partition, _ = run(machine, SOURCES, offered(0, "good"), offered(1, "bad"), offered(2, "good"))

    assert isinstance(partition.machine, CounterMachine)
    assert partition.machine.failures == ["bad"]
    assert partition.machine.totals["good"] == 2


@pytest.mark.parametrize("what", UNSTORABLE)
def test_an_input_that_cannot_even_be_failed_is_buried(what: str) -> None:
    machine = LedMachine(UNSTORABLE[what], fails_well=False)

    partition, sendables = run(machine, SOURCES, offered(0, "good"), offered(1, "bad"), offered(2, "good"))

    dead = [decode_dead_letter(s.value) for s in sendables if s.topic == "dead"]
    assert [letter.offset for letter in dead] == [1]
    assert isinstance(partition.machine, CounterMachine)
    assert partition.machine.totals["good"] == 2


@pytest.mark.parametrize(
    "value",
    [
        b"\x01" * 1_000_000,
        b"\xff" * 1_000_000,
        b'"' * 1_000_000,
        b"{" * 1_000_000,
        b'{"type":"' + b"\x7f" * 900_000 + b'"}',
        None,
    ],
)
def test_a_dead_letter_can_be_sent_for_any_record(value: bytes | None) -> None:
    garbage = Offered(0, 0, b"\x02" * 900_000, value)

    partition, sendables = run(CounterMachine(), SOURCES, garbage, offered(1, "good"))

    assert next(s.topic for s in sendables) == "dead"
    assert all(len(s.value) + len(s.key) <= HARD_RECORD_BYTES for s in sendables)
    assert isinstance(partition.machine, CounterMachine)
    assert partition.machine.totals["good"] == 1


def test_a_reason_with_a_lone_surrogate_is_written_all_the_same() -> None:
    assert "?" in decode_dead_letter(dead_letter("t", 0, 0, "\ud800", None, b"")).reason


def test_an_input_that_a_foreign_client_put_into_the_wrong_partition_is_sent_home() -> None:
    names = {partition_of(str(number).encode(), 8): str(number) for number in range(100)}
    source = Source("triggers.commands", Codec(Add), key=lambda add: add.name)
    lost = offered(0, names[5])

    partition, sendables = run(CounterMachine(), [source], lost, offered(1, names[3]))

    sent = [s for s in sendables if s.topic == "triggers.commands"]
    assert [(s.key, s.partition, s.value) for s in sent] == [(names[5].encode(), None, lost.value)]
    assert isinstance(partition.machine, CounterMachine)
    assert dict(partition.machine.totals) == {names[3]: 1}
