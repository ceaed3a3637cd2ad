"""The indexer on a log and a projection in memory: what shares a transaction."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress

from services.indexer.core.change import Changes, Known
from services.indexer.metrics import IndexerMetrics
from services.indexer.shell import FULL_RECORDS, Indexer, Ports
from toccata.runtime.fetch import Fetched, Start, TopicPartition
from toccata.runtime.metrics import MetricsPage

PLACE = ("flows.state", 0)


class Log:
    """Gives a batch for each poll, and says when it gave one."""

    def __init__(self) -> None:
        self.batches: asyncio.Queue[list[Fetched]] = asyncio.Queue()
        self.given = asyncio.Event()
        self.ends_asked = 0
        self._next = 0

    def add(self, count: int = 1) -> None:
        """Deletions of flows, which need no other rows."""
        first, self._next = self._next, self._next + count
        keys = [b"ns/f%d" % number for number in range(first, self._next)]
        self.batches.put_nowait(
            [Fetched(*PLACE, first + place, 1, key, None, []) for place, key in enumerate(keys)]
        )

    async def assign(self, starts: Mapping[TopicPartition, Start]) -> None:
        return

    async def poll(self, timeout_ms: int = 500) -> dict[TopicPartition, list[Fetched]]:
        with suppress(TimeoutError):
            async with asyncio.timeout(timeout_ms / 1000):
                batch = await self.batches.get()
                self.given.set()
                return {PLACE: batch}
        return {}

    def take_lost(self) -> list[tuple[TopicPartition, int, int]]:
        return []

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        self.ends_asked += 1
        return dict.fromkeys(partitions, 0)

    async def stop(self) -> None:
        return


class Rows:
    """Remembers the end of each transaction."""

    def __init__(self) -> None:
        self.ends: list[int] = []

    async def offsets(self) -> dict[TopicPartition, int]:
        return {}

    async def load(self, wanted: object, known: Known) -> None:
        return

    async def signs(self) -> str:
        return ""

    async def sign(self, signs: str) -> None:
        return

    async def write(
        self, changes: Changes, offsets: Mapping[TopicPartition, int], signs: str | None = None
    ) -> None:
        self.ends.append(offsets[PLACE])

    async def close(self) -> None:
        return


class Nobody:
    """Nobody is told anything."""

    async def bury(self, records: Sequence[tuple[Fetched, str]]) -> None:
        return

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None:
        return

    async def stop(self) -> None:
        return


async def indexed(act: Callable[[Log, Indexer], Awaitable[None]]) -> tuple[Log, list[int]]:
    log, rows, stop = Log(), Rows(), asyncio.Event()

    async def opened() -> Rows:
        return rows

    ports = Ports(opened, log, Nobody(), Nobody(), log)
    indexer = Indexer(ports, IndexerMetrics(MetricsPage("test")))
    running = asyncio.ensure_future(indexer.run(stop))
    try:
        async with asyncio.timeout(30):
            await act(log, indexer)
    finally:
        stop.set()
        await running
    return log, rows.ends


async def test_what_follows_within_moments_shares_the_transaction() -> None:
    async def act(log: Log, indexer: Indexer) -> None:
        for _ in range(3):
            log.given.clear()
            log.add()
            await log.given.wait()
        await indexer.reached({PLACE: 3})

    _, ends = await indexed(act)

    assert ends == [3]


async def test_a_backlog_does_not_linger() -> None:
    async def act(log: Log, indexer: Indexer) -> None:
        log.add(FULL_RECORDS)
        await log.given.wait()
        log.given.clear()
        await indexer.reached({PLACE: FULL_RECORDS})
        log.add()
        await indexer.reached({PLACE: FULL_RECORDS + 1})

    _, ends = await indexed(act)

    assert ends == [FULL_RECORDS, FULL_RECORDS + 1]


async def test_nothing_is_written_while_nothing_comes_and_a_stop_ends_it_at_once() -> None:
    async def act(log: Log, indexer: Indexer) -> None:
        log.add()
        await indexer.reached({PLACE: 1})

    log, ends = await indexed(act)

    assert ends == [1]
    assert log.ends_asked <= 3
