"""The events in the journal of processor ``triggers``. The contracts define those that are public."""

from __future__ import annotations

from typing import TypeAlias

from contracts.codec import Codec
from contracts.message import Message
from contracts.trigger import AnyTriggerEvent, ExecutionMoved


class MoveKept(Message, frozen=True, kw_only=True, tag="trigger.move_kept.v1"):
    """An execution was told of before the definition of the trigger that it concerns came."""

    key: str
    told: ExecutionMoved


class MovesTaken(Message, frozen=True, kw_only=True, tag="trigger.moves_taken.v1"):
    """The first ones that were kept for a trigger are decided, or nobody waits for them any more."""

    key: str
    count: int


PrivateEvent: TypeAlias = MoveKept | MovesTaken
JournalEvent: TypeAlias = AnyTriggerEvent | PrivateEvent
JOURNAL: Codec[JournalEvent] = Codec(JournalEvent)
