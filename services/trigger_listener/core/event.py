"""What the journal of processor ``triggers`` holds: all of its events are public, so they stand in the contracts."""

from __future__ import annotations

from typing import TypeAlias

from contracts.codec import Codec
from contracts.trigger import AnyTriggerEvent

JournalEvent: TypeAlias = AnyTriggerEvent
JOURNAL: Codec[JournalEvent] = Codec(JournalEvent)
