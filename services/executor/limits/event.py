"""The decisions of limits, as its journal keeps them. Private, but stored: never rename a type or a field.

``asked_at`` is the ``at`` of the request. It distinguishes a repeated request from a new one of the same execution (a
restart takes a slot again).
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from contracts.codec import Codec
from contracts.limit import Behavior
from contracts.message import Message
from contracts.scalars import Millis


class LimitEvent(Message, frozen=True, kw_only=True):
    limit_key: str


class LimitFixed(LimitEvent, frozen=True, kw_only=True, tag="limits.fixed.v1"):
    """The registry set this limit. None: the flow has no limit any more."""

    limit: int | None
    behavior: Behavior
    set_at: Millis


class LimitAssumed(LimitEvent, frozen=True, kw_only=True, tag="limits.assumed.v1"):
    """A request gave this limit, and the registry has sent nothing yet."""

    limit: int
    behavior: Behavior


class SlotTaken(LimitEvent, frozen=True, kw_only=True, tag="limits.taken.v1"):
    execution_id: str
    asked_at: Millis


class SlotAwaited(LimitEvent, frozen=True, kw_only=True, tag="limits.awaited.v1"):
    execution_id: str
    asked_at: Millis


class SlotDenied(LimitEvent, frozen=True, kw_only=True, tag="limits.denied.v1"):
    execution_id: str
    asked_at: Millis
    behavior: Literal["CANCEL", "FAIL"]


class SlotLeft(LimitEvent, frozen=True, kw_only=True, tag="limits.left.v1"):
    """A holder returned it, or a queued execution does not wait any more."""

    execution_id: str


JournalEvent: TypeAlias = LimitFixed | LimitAssumed | SlotTaken | SlotAwaited | SlotDenied | SlotLeft
JOURNAL: Codec[JournalEvent] = Codec(JournalEvent)
