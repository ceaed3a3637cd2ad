"""What the event listener needs from outside."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, TypeAlias

from contracts.registry import FlowState
from contracts.scalars import Millis
from services.trigger_listener.core.incoming import EventRecord
from toccata.runtime.group_position import Noted

TopicPartition: TypeAlias = tuple[str, int]


class EventLog(Protocol):
    """Topics with events from outside. Every method raises Transient if the broker is away."""

    async def partitions(self, topics: Collection[str]) -> dict[str, list[int]]:
        """Return the partitions of those topics that exist."""
        ...

    async def starts(
        self, partitions: Collection[TopicPartition], since: Mapping[str, Millis]
    ) -> dict[TopicPartition, Noted]:
        """Return where to begin: at the committed offset with the signs beside it, else at the first record written since that
        instant."""
        ...

    async def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read only these partitions, from these positions."""
        ...

    async def poll(self) -> Mapping[TopicPartition, Sequence[EventRecord]]:
        """Return new records. Empty after half a second."""
        ...

    async def commit(self, positions: Mapping[TopicPartition, Noted]) -> None:
        """Store the next records to read, each with its signs."""
        ...


class Outlet(Protocol):
    async def send(self, starts: Sequence[tuple[str, bytes]], dead: Sequence[bytes]) -> None:
        """Send starts by execution id, and dead letters. Return once all are acknowledged. Raise Transient: send again."""
        ...


class FlowTable(Protocol):
    """All flows, as far as they are read."""

    @property
    def position(self) -> int:
        """Return the offset of the last record read."""
        ...

    def get(self, namespace: str, flow_id: str, revision: int | None = None) -> FlowState | None: ...

    async def catch_up(self) -> None:
        """Return once everything that was stored before this call has been read. Raise Transient if the broker is away."""
        ...
