"""What the worker's shell needs from outside. Call everything here only from the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from contracts.address import ReplyTo
from toccata.plugin import TaskType, TriggerType


@dataclass(frozen=True, slots=True)
class Arrived:
    """One record of the inbox."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None


class Outcome(NamedTuple):
    """The encoded end of an attempt, and its address."""

    to: ReplyTo
    value: bytes


class Inbox(Protocol):
    partition: int

    async def open(self) -> None:
        """Read from now on. Raise Transient if the broker is away."""
        ...

    async def poll(self) -> Sequence[Arrived]:
        """Wait a moment for records. Raise Transient if the broker is away."""
        ...

    def take_gap(self) -> bool:
        """Return whether records were removed unread since the last call."""
        ...


class Outbox(Protocol):
    """Sends records to Kafka until they are acknowledged. Records posted in one turn of the loop travel together."""

    def post(self, topic: str, key: str, value: bytes, done: Callable[[], None] | None = None) -> None:
        """Never blocks, never fails. ``done`` is called once the record is acknowledged."""
        ...

    async def drained(self) -> None:
        """Return once all posted records are acknowledged."""
        ...

    def room(self) -> asyncio.Future[None] | None:
        """Return None if there is room. Otherwise return a future that resolves once enough records were acknowledged."""
        ...


class Spool(Protocol):
    """Keeps outcomes that Kafka has not acknowledged, so that they survive this process."""

    def keep(self, records: Sequence[Outcome]) -> None:
        """The operating system has them on return, unless its disk is full, which is logged."""
        ...

    def release(self, count: int) -> None:
        """``count`` of them are acknowledged."""
        ...


class Tasks(Protocol):
    """The plugin catalog, as the worker sees it."""

    def task(self, type_name: str) -> TaskType | None: ...

    def trigger(self, type_name: str) -> TriggerType | None: ...


class Secrets(Protocol):
    def get(self, name: str) -> str | None:
        """Return the secret, or None if there is none. Raise ValueError if it is unreadable."""
        ...
