"""What limits decided, as its journal keeps it. Private, but stored: never rename a type or a field.

``asked_at`` is the ``at`` of the request: it tells a request that was sent again from the same execution asking anew
(a restart takes a slot again).
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
    """The registry said so. None: the flow has no limit any more."""

    limit: int | None
    behavior: Behavior
    set_at: Millis


class LimitAssumed(LimitEvent, frozen=True, kw_only=True, tag="limits.assumed.v1"):
    """A request said so, and the registry has said nothing yet."""

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
    """A holder gave it back, or a queued execution waits no more."""

    execution_id: str


JournalEvent: TypeAlias = LimitFixed | LimitAssumed | SlotTaken | SlotAwaited | SlotDenied | SlotLeft
JOURNAL: Codec[JournalEvent] = Codec(JournalEvent)
