"""What our own services say is decided soon, however much comes from outside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from random import Random

import pytest
import structlog

from contracts import codec
from contracts.codec import Codec
from tests.simulation import virtual_time
from tests.simulation.memory import MemoryLog
from tests.simulation.shell_log import CALM, ShellLog, ShellReader
from tests.support.counter import Add, CounterMachine
from toccata.runtime.fetch import Fetched, TopicPartition
from toccata.runtime.metrics import MetricsPage
from toccata.runtime.processor.host import BATCH, ProcessorHost
from toccata.runtime.processor.input import Source
from toccata.runtime.processor.journal import decode_record
from toccata.runtime.processor.metrics import ProcessorMetrics
from toccata.runtime.processor.ports import Clock, Ports
from toccata.runtime.processor.spec import ProcessorSpec
from toccata.runtime.settings import ProcessorSettings

PUBLIC, OURS = 0, 1
FLOOD = 20_000
JOURNAL = "triggers.journal"


class Torrent(ShellReader):
    """Reads as a real client does: thousands of records at once, and what is new as soon as it is there."""

    async def poll(self, timeout_ms: int = 500) -> dict[TopicPartition, list[Fetched]]:
        await self._log.delay()
        found: dict[TopicPartition, list[Fetched]] = {}
        for _ in range(timeout_ms):
            for at, position in self._positions.items():
                entries = self._log.memory.read(*at, position, 4_000)
                if entries:
                    found[at] = [Fetched(*at, e.offset, 0, e.key, e.value, []) for e in entries]
                    self._positions[at] = entries[-1].offset + 1
            if found or self._woken:
                break
            await asyncio.sleep(0.001)
        self._woken = False
        return found


class TorrentLog(ShellLog):
    def reader(self, name: str) -> ShellReader:
        return Torrent(self)


@pytest.fixture(autouse=True)
def _silent() -> Iterator[None]:
    with structlog.testing.capture_logs():
        yield


async def until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 - in virtual time, which only passes here
        await asyncio.sleep(0.001)


def decided_between(urgency: int) -> tuple[int, int]:
    """How many public inputs were decided between the moment when a batch of ours was written and the decision of its last,
    and how many were left then."""
    memory = MemoryLog(1)
    add = codec.encode(Add(name="a", amount=1))
    for _ in range(FLOOD):
        memory.append("executions.starts", b"a", add, 0)
    sources = [
        Source("executions.starts", Codec(Add)),
        Source("executions.admitted", Codec(Add), urgency=urgency),
    ]
    spec = ProcessorSpec("triggers", sources, lambda _: CounterMachine())

    async def world() -> int:
        log, time = TorrentLog(memory, Random(1), CALM), asyncio.get_running_loop().time
        clock = Clock(lambda: 1_750_000_000_000 + int(time() * 1000), time)
        host = ProcessorHost(
            spec, Ports(log, log, clock), ProcessorMetrics(MetricsPage("t")), ProcessorSettings()
        )
        running = asyncio.ensure_future(host.run())
        host.assign(frozenset({0}))
        await until(lambda: memory.end(JOURNAL, 0) >= 4 * BATCH)
        written = memory.end(JOURNAL, 0)
        for _ in range(BATCH):
            memory.append("executions.admitted", b"a", add, 0)
        await until(lambda: memory.end(JOURNAL, 0) > FLOOD + BATCH)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        return written

    written = virtual_time.run(world())
    order = [decode_record(entry.value).source for entry in memory.all(JOURNAL)]
    mine = len(order) - 1 - order[::-1].index(OURS)
    return order[written:mine].count(PUBLIC), order[mine:].count(PUBLIC)


def test_ours_wait_for_few_batches_of_a_flood() -> None:
    before, after = decided_between(urgency=1)
    assert after > FLOOD // 4, "the flood was not over"
    # While it is read, the host decides a batch or two.
    assert before <= 3 * BATCH


def test_without_urgency_most_of_them_would_wait_until_the_flood_is_read() -> None:
    before, _ = decided_between(urgency=0)  # a share of each batch is theirs in any case
    assert before > 6 * BATCH
