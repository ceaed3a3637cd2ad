"""What the worker's shell needs from the outside. Everything here may be called from the event loop only."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from toccata.plugin import TaskType


@dataclass(frozen=True, slots=True)
class Arrived:
    """One record of the inbox."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Inbox(Protocol):
    partition: int

    async def open(self) -> None:
        """From now on. Raises Transient."""
        ...

    async def poll(self) -> Sequence[Arrived]:
        """Waits a moment for records. Raises Transient."""
        ...

    @property
    def received_through(self) -> int: ...

    def take_gap(self) -> bool:
        """True when records were removed before they were read, since the last call."""
        ...


class Outbox(Protocol):
    """Records to Kafka, sent again until acknowledged; those posted in one turn of the loop travel together."""

    def post(self, topic: str, key: str, value: bytes, done: Callable[[], None] | None = None) -> None:
        """Never blocks, never fails. ``done`` is called once the record is acknowledged."""
        ...

    async def drained(self) -> None:
        """Until all is acknowledged that was posted."""
        ...

    def room(self) -> asyncio.Future[None] | None:
        """None: go on. Otherwise resolves when what is on its way is little enough again."""
        ...


class Spool(Protocol):
    """Outcomes that Kafka has not acknowledged, kept so that they outlive this process."""

    def keep(self, records: Sequence[tuple[str, bytes]]) -> None:
        """Key and value of each, in the hands of the operating system when it returns."""
        ...

    def release(self, count: int) -> None:
        """So many of them are acknowledged."""
        ...


class Tasks(Protocol):
    """The plugin catalog, as the worker sees it."""

    def task(self, type_name: str) -> TaskType | None: ...


class Secrets(Protocol):
    def get(self, name: str) -> str | None:
        """None when there is no such secret; ValueError when it cannot be read."""
        ...
