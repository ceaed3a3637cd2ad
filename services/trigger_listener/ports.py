"""What the event listener needs of the outside."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol, TypeAlias

from contracts.registry import FlowState
from contracts.scalars import Millis
from services.trigger_listener.core.incoming import EventRecord

TopicPartition: TypeAlias = tuple[str, int]


class EventLog(Protocol):
    """Topics with events from outside. Every method raises Transient when the broker is away."""

    async def partitions(self, topics: Collection[str]) -> dict[str, list[int]]:
        """Of those topics that exist."""
        ...

    async def starts(
        self, partitions: Collection[TopicPartition], since: Mapping[str, Millis]
    ) -> dict[TopicPartition, int]:
        """Where to begin: what was committed, else the first record written since that instant."""
        ...

    async def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        """Read these partitions, and no others, from there."""
        ...

    async def poll(self) -> Mapping[TopicPartition, Sequence[EventRecord]]:
        """What came; empty after half a second."""
        ...

    async def commit(self, positions: Mapping[TopicPartition, int]) -> None:
        """Remember the next records to read."""
        ...


class Outlet(Protocol):
    async def send(self, starts: Sequence[tuple[str, bytes]], dead: Sequence[bytes]) -> None:
        """Starts by execution id and dead letters; returns when all are acknowledged. Raises Transient: send again."""
        ...


class FlowTable(Protocol):
    """All flows as far as they were read."""

    @property
    def position(self) -> int:
        """Offset of the last one read."""
        ...

    def get(self, namespace: str, flow_id: str, revision: int | None = None) -> FlowState | None: ...

    async def catch_up(self) -> None:
        """Return when all that was stored before this call has been read. Raises Transient."""
        ...
