"""What the indexer's loop needs from outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from services.indexer.core.change import Changes, Known, Wanted
from toccata.runtime.fetch import Fetched, Start, TopicPartition


class Unprojectable(Exception):
    """The database refuses a row's content. Trying again does not help."""


class Projection(Protocol):
    """The rows, held by one writer at a time. Raises Transient if the database is away; then open a new one."""

    async def offsets(self) -> dict[TopicPartition, int]:
        """Return the next record to project, for partitions that were projected before."""
        ...

    async def load(self, wanted: Wanted, known: Known) -> None:
        """Add those wanted rows to ``known`` that exist. Raise Unprojectable if no row can have such a key."""
        ...

    async def signs(self) -> str:
        """Return what former writers left about how they ended. Empty: nothing."""
        ...

    async def sign(self, signs: str) -> None:
        """Replace it, in a transaction of its own."""
        ...

    async def write(
        self, changes: Changes, offsets: Mapping[TopicPartition, int], signs: str | None = None
    ) -> None:
        """Write all of it or nothing, and replace the signs if there are new ones. Raise Unprojectable if a row is refused."""
        ...

    async def close(self) -> None: ...


class EventLog(Protocol):
    """The topics, read from explicit positions. Raises Transient if the broker is away."""

    async def assign(self, starts: Mapping[TopicPartition, Start]) -> None: ...

    async def poll(self, timeout_ms: int = 500) -> dict[TopicPartition, list[Fetched]]: ...

    def take_lost(self) -> list[tuple[TopicPartition, int, int]]: ...

    async def end_offsets(self, partitions: list[TopicPartition]) -> dict[TopicPartition, int]: ...

    async def stop(self) -> None: ...


class DeadLetters(Protocol):
    async def bury(self, records: Sequence[tuple[Fetched, str]]) -> None:
        """Write each record with its reason. They are durable on return. Raise Transient if that fails."""
        ...


class Progress(Protocol):
    """Shows others how far the projection is."""

    async def commit(self, offsets: Mapping[TopicPartition, int]) -> None: ...

    async def stop(self) -> None: ...
