"""What a partition owes is sent once to those that take it, whatever others refuse."""

from __future__ import annotations

import asyncio

import pytest

from tests.unit.toccata.runtime.test_partition import Journal, add
from toccata.runtime.errors import Transient
from toccata.runtime.kafka import Record
from toccata.runtime.processor.owed import OwedSender


class Receivers:
    """Topics in memory, some of which refuse."""

    def __init__(self) -> None:
        self.refusing: set[str] = set()
        self.got: list[tuple[str, bytes | None]] = []

    def post(self, topic: str, record: Record) -> asyncio.Future[int]:
        future: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        if topic in self.refusing:
            future.set_exception(Transient(topic))
        else:
            self.got.append((topic, record.value))
            future.set_result(len(self.got))
        return future

    def of(self, topic: str) -> int:
        return sum(name == topic for name, _ in self.got)


async def test_a_refusing_receiver_costs_the_others_no_repetition_and_gets_its_own_in_order_later() -> None:
    journal, receivers = Journal(), Receivers()
    partition = journal.own()
    sender = OwedSender(receivers)
    receivers.refusing = {"events"}
    for number in range(3):
        journal.take(partition, add(number))
        with pytest.raises(Transient, match="events"):
            await sender.send(partition)
    assert (receivers.of("triggers.events"), receivers.of("events")) == (3, 0)
    assert partition.outgoing.mark == 0

    receivers.refusing = set()
    await sender.send(partition)
    assert not partition.owed
    assert (receivers.of("triggers.events"), receivers.of("events")) == (3, 3)
    values = [value for topic, value in receivers.got if topic == "events"]
    assert values == [value for topic, value in receivers.got if topic == "triggers.events"]


async def test_the_mark_moves_over_what_was_acknowledged_before_the_first_failure() -> None:
    journal, receivers = Journal(), Receivers()
    partition = journal.own()
    journal.take(partition, add(0))
    await OwedSender(receivers).send(partition)
    assert partition.outgoing.mark == 1

    journal.take(partition, add(1))
    receivers.refusing = {"triggers.events"}
    with pytest.raises(Transient):
        await OwedSender(receivers).send(partition)
    assert partition.outgoing.mark == 1
