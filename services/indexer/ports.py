"""What the indexer's loop needs of the outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from services.indexer.core.change import Changes, Known, Wanted
from toccata.runtime.fetch import Fetched, Start, TopicPartition


class Unprojectable(Exception):
    """The database refuses a row of this batch for what it holds; trying again will not help."""


class Projection(Protocol):
    """The rows, held by one writer at a time. Raises Transient when the database is away: then open a new one."""

    async def offsets(self) -> dict[TopicPartition, int]:
        """Next record to project, of partitions that were projected from before."""
        ...

    async def load(self, wanted: Wanted, known: Known) -> None:
        """Add to ``known`` those of the wanted rows that exist. Raises Unprojectable where no row can have such a key."""
        ...

    async def write(self, changes: Changes, offsets: Mapping[TopicPartition, int]) -> None:
        """All of it or nothing. Raises Unprojectable."""
        ...

    async def close(self) -> None: ...


class EventLog(Protocol):
    """The topics, read from explicit positions. Raises Transient when the broker is away."""

    async def assign(self, starts: Mapping[TopicPartition, Start]) -> None: ...

    async def poll(self, timeout_ms: int = 500) -> dict[TopicPartition, list[Fetched]]: ...

    def take_lost(self) -> list[tuple[TopicPartition, int, int]]: ...

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]: ...

    async def stop(self) -> None: ...


class DeadLetters(Protocol):
    async def bury(self, records: Sequence[tuple[Fetched, str]]) -> None:
        """Durable when it returns; each record with its reason. Raises Transient."""
        ...


class Progress(Protocol):
    """Where others see how far the projection is."""

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None: ...

    async def stop(self) -> None: ...
