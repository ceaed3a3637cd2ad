"""The events in the journal of processor ``triggers``. All of them are public, so the contracts define them."""

from __future__ import annotations

from typing import TypeAlias

from contracts.codec import Codec
from contracts.trigger import AnyTriggerEvent

JournalEvent: TypeAlias = AnyTriggerEvent
JOURNAL: Codec[JournalEvent] = Codec(JournalEvent)
