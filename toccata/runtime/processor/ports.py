"""What a processor's shell needs from outside: a log to read, append to and truncate, and the time.

``kafka_log`` is the real one. The simulator has its own, so it runs the same shell.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from toccata.runtime import clock
from toccata.runtime.fetch import Fetched, Start, TopicPartition
from toccata.runtime.kafka import Record


class LogReader(Protocol):
    """Reads partitions from explicit offsets. See :class:`toccata.runtime.fetch.Reader`."""

    async def assign(self, starts: Mapping[TopicPartition, Start]) -> None: ...
    async def poll(self, timeout_ms: int = 500) -> dict[TopicPartition, list[Fetched]]: ...
    def wake(self) -> None: ...
    def position(self, topic: str, partition: int) -> int: ...
    def positions(self) -> dict[TopicPartition, int]: ...
    def lag(self) -> dict[str, int]: ...
    def take_lost(self) -> list[tuple[TopicPartition, int, int]]: ...
    async def beginning_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]: ...
    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]: ...
    async def stop(self) -> None: ...


class JournalWriter(Protocol):
    async def append(self, topic: str, partition: int, values: Sequence[bytes]) -> list[tuple[int, int]]:
        """Append, and return (base offset, count) of each batch. Raise Transient if the outcome is unknown."""
        ...

    async def stop(self) -> None: ...


class Outbox(Protocol):
    def post(self, topic: str, record: Record) -> asyncio.Future[int]:
        """Return a future that raises Transient if the record, and those after it in its partition, were not sent."""
        ...

    async def send(self, topic: str, records: Iterable[Record]) -> None: ...


class Log(Protocol):
    def reader(self, name: str) -> LogReader: ...
    def journal(self, name: str) -> JournalWriter: ...

    async def truncate(self, topic: str, partition: int, offset: int) -> None:
        """Delete all records below the offset. Raise Transient if that is not possible now."""
        ...

    async def stop(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Clock:
    now_ms: Callable[[], int] = clock.now_ms
    """The time, in milliseconds since 1970."""
    monotonic: Callable[[], float] = clock.monotonic
    """Seconds, for durations."""


@dataclass(frozen=True, slots=True)
class Ports:
    log: Log
    outbox: Outbox
    clock: Clock = field(default_factory=Clock)
