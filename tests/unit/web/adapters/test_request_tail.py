"""Of several replicas that offer to answer, one does: the one whose offer stands first."""

from __future__ import annotations

import asyncio

from contracts import codec
from contracts.projection import CountExecutions, RequestClaimed
from services.web.adapters.request_tail import RequestTail
from toccata.runtime.fetch import Fetched
from toccata.runtime.settings import KafkaSettings


class Partition:
    """One partition, which every replica reads from its own position."""

    def __init__(self) -> None:
        self.records: list[bytes] = []

    async def append(self, topic, messages):
        assert topic == "projection.commands"
        self.records += [codec.encode(message) for _, message in messages]

    async def answer(self, topic, partition, message):
        raise AssertionError("a tail answers nothing itself")


class Replica:
    def __init__(self, partition, name, answered, first=0):
        self._partition = partition
        self._position = first

        async def answer(request):
            answered.append((name, request.request_id, request.attempt))
            await self.gate.wait()

        self.gate = asyncio.Event()
        self.gate.set()
        self.tail = RequestTail(KafkaSettings(), name, partition, answer)

    async def read(self):
        values = self._partition.records[self._position :]
        self._position += len(values)
        self.tail._take(
            [Fetched("projection.commands", 0, at, 0, b"k", value, []) for at, value in enumerate(values)]
        )
        for _ in range(5):
            await asyncio.sleep(0)


def a_request(request_id="r1", attempt=1):
    return CountExecutions(at=0, request_id=request_id, reply_to=0, attempt=attempt)


async def test_one_of_three_answers_and_each_attempt_anew():
    answered: list[tuple[str, str, int]] = []
    partition = Partition()
    replicas = [Replica(partition, f"web-{number}", answered) for number in range(3)]
    await partition.append("projection.commands", [("r1", a_request())])
    for _ in range(3):
        for replica in replicas:
            await replica.read()
    assert answered == [("web-0", "r1", 1)]
    await partition.append("projection.commands", [("r1", a_request(attempt=2))])
    for _ in range(3):
        for replica in reversed(replicas):
            await replica.read()
    assert answered == [("web-0", "r1", 1), ("web-2", "r1", 2)]


async def test_the_first_offer_counts_whoever_reads_first():
    answered: list[tuple[str, str, int]] = []
    partition = Partition()
    late, early = Replica(partition, "late", answered), Replica(partition, "early", answered)
    await partition.append("projection.commands", [("r1", a_request())])
    await early.read()
    await late.read()
    await late.read()
    await early.read()
    assert answered == [("early", "r1", 1)]


async def test_a_request_that_is_worked_on_is_not_begun_again():
    answered: list[tuple[str, str, int]] = []
    partition = Partition()
    only = Replica(partition, "only", answered)
    only.gate.clear()
    for attempt in (1, 2):
        await partition.append("projection.commands", [("r1", a_request(attempt=attempt))])
        await only.read()
        await only.read()
    assert answered == [("only", "r1", 1)]
    only.gate.set()


async def test_an_offer_without_its_request_begins_nothing():
    answered: list[tuple[str, str, int]] = []
    partition = Partition()
    only = Replica(partition, "only", answered)
    claim = RequestClaimed(request_id="r1", attempt=1, replica=only.tail._replica)
    await partition.append("projection.commands", [("r1", claim)])
    await only.read()
    assert answered == []
