"""Commands about concurrency slots. The key is the limit key ``flow:<namespace>/<flow id>``. ``executions.commands`` gets the answers."""

from __future__ import annotations

from typing import Literal, TypeAlias

from contracts.message import Message
from contracts.scalars import Millis

Behavior: TypeAlias = Literal["QUEUE", "CANCEL", "FAIL"]


class AcquireSlot(Message, frozen=True, kw_only=True, tag="slot.acquire.v1"):
    """Ask for a slot. A second request for the same execution gets the same answer."""

    limit_key: str
    execution_id: str
    limit: int
    behavior: Behavior
    at: Millis


class ReleaseSlot(Message, frozen=True, kw_only=True, tag="slot.release.v1"):
    """The execution ended or left the queue. Harmless if it holds no slot."""

    limit_key: str
    execution_id: str
    at: Millis


class SetLimit(Message, frozen=True, kw_only=True, tag="limit.set.v1"):
    """From the registry: the latest revision's limit. None removes the limit and frees the queue."""

    limit_key: str
    limit: int | None
    behavior: Behavior
    at: Millis


LimitCommand: TypeAlias = AcquireSlot | ReleaseSlot | SetLimit
