"""The ports of a processor's shell on the log in memory, with faults: late, lost and unknown appends, torn sends, a log that is away."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.simulation.memory import MemoryLog
from toccata.runtime.errors import Transient
from toccata.runtime.fetch import Fetched, Start, TopicPartition
from toccata.runtime.kafka import Record


@dataclass(slots=True)
class Weather:
    """Probabilities of trouble for one call each."""

    away: float = 0.01
    unknown: float = 0.02
    torn: float = 0.03


CALM = Weather(0, 0, 0)


class ShellLog:
    """What one process sees of the log."""

    def __init__(self, memory: MemoryLog, random: Random, weather: Weather) -> None:
        self.memory, self.random, self.weather = memory, random, weather
        self._pending: list[tuple[str, Record]] = []
        self._done: asyncio.Future[Any] | None = None

    def reader(self, name: str) -> ShellReader:
        return ShellReader(self)

    def journal(self, name: str) -> ShellJournal:
        return ShellJournal(self)

    async def truncate(self, topic: str, partition: int, offset: int) -> None:
        await self.delay()
        self.memory.truncate(topic, partition, offset)

    async def stop(self) -> None: ...

    async def delay(self) -> None:
        await asyncio.sleep(self.random.choice((0.0005, 0.002, 0.01)))
        if self.random.random() < self.weather.away:
            await asyncio.sleep(self.random.random() * 5)
            raise Transient("the log is away")

    def post(self, topic: str, record: Record) -> asyncio.Future[Any]:
        self._pending.append((topic, record))
        if self._done is None:
            self._done = asyncio.get_running_loop().create_future()
            self._done.add_done_callback(lambda done: done.cancelled() or done.exception())
            asyncio.get_running_loop().call_later(self.random.choice((0.001, 0.02)), self._flush)
        return self._done

    async def send(self, topic: str, records: Iterable[Record]) -> None:
        done = None
        for record in records:
            done = self.post(topic, record)
        if done is not None:
            await asyncio.shield(done)

    def _flush(self) -> None:
        pending, done = self._pending, self._done
        self._pending, self._done = [], None
        assert done is not None
        torn = self.random.random() < self.weather.torn
        for topic, record in pending[: self.random.randrange(len(pending))] if torn else pending:
            self.memory.append(topic, record.key, record.value, record.partition)
        if torn and not done.done():
            done.set_exception(Transient("not acknowledged"))
        elif not done.done():
            done.set_result(0)


class ShellJournal:
    def __init__(self, log: ShellLog) -> None:
        self._log = log

    async def append(self, topic: str, partition: int, values: Sequence[bytes]) -> list[tuple[int, int]]:
        log = self._log
        await log.delay()
        if log.random.random() < log.weather.unknown:
            fate = log.random.randrange(3)
            if fate == 0:
                log.memory.append_batch(topic, partition, list(values))
            elif fate == 1:  # it lands later, perhaps after the next owner has begun
                late = log.random.random() * 3
                asyncio.get_running_loop().call_later(
                    late, log.memory.append_batch, topic, partition, list(values)
                )
            raise Transient("the outcome is unknown")
        return [(log.memory.append_batch(topic, partition, list(values)), len(values))]

    async def stop(self) -> None: ...


class ShellReader:
    def __init__(self, log: ShellLog) -> None:
        self._log = log
        self._positions: dict[TopicPartition, int] = {}
        self._lost: list[tuple[TopicPartition, int, int]] = []
        self._woken = False

    async def assign(self, starts: Mapping[TopicPartition, Start]) -> None:
        await self._log.delay()
        self._positions = {at: self._resolve(at, start) for at, start in starts.items()}

    def _resolve(self, at: TopicPartition, start: Start) -> int:
        if isinstance(start, int):
            return start
        return self._log.memory.begin(*at) if start == "earliest" else self._log.memory.end(*at)

    async def poll(self, timeout_ms: int = 500) -> dict[TopicPartition, list[Fetched]]:
        await self._log.delay()
        found: dict[TopicPartition, list[Fetched]] = {}
        for at in self._positions:
            self._check(at)
            entries = self._log.memory.read(*at, self._positions[at], self._log.random.randint(1, 40))
            if entries:
                found[at] = [Fetched(*at, e.offset, 0, e.key, e.value, []) for e in entries]
                self._positions[at] = entries[-1].offset + 1
        if not found and not self._woken:
            await asyncio.sleep(min(timeout_ms, 50) / 1000)
        self._woken = False
        return found

    def wake(self) -> None:
        self._woken = True

    def _check(self, at: TopicPartition) -> None:
        position = self._positions[at]
        begin, end = self._log.memory.begin(*at), self._log.memory.end(*at)
        if not begin <= position <= end:
            target = begin if position < begin else end
            self._lost.append((at, position, target))
            self._positions[at] = target

    def position(self, topic: str, partition: int) -> int:
        return self._positions[topic, partition]

    def positions(self) -> dict[TopicPartition, int]:
        return dict(self._positions)

    def lag(self) -> dict[str, int]:
        return {}

    def take_lost(self) -> list[tuple[TopicPartition, int, int]]:
        lost, self._lost = self._lost, []
        return lost

    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        await self._log.delay()
        return {at: self._log.memory.begin(*at) for at in partitions}

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]:
        await self._log.delay()
        return {at: self._log.memory.end(*at) for at in partitions}

    async def stop(self) -> None: ...
