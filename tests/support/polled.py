"""A trigger that a bench polls again and again, with the trigger-listener's memory of what was accepted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.execution import AttemptEnded
from contracts.polling import FoundEvent
from tests.support.attempt import Bench
from toccata.plugin import TriggerType


class Polled:
    def __init__(self, bench: Bench, trigger_type: TriggerType, properties: Mapping[str, Any]) -> None:
        self.bench = bench
        self._type = trigger_type
        self._properties = properties
        self._number = 0
        self._accepted: list[str] = []

    async def ended(self) -> AttemptEnded:
        self._number += 1
        return await self.bench.poll(self._type, self._properties, self._number, self._accepted)

    async def found(self, *, lost: bool = False) -> list[FoundEvent]:
        """Return the events of the next poll. ``lost``: nobody hears of them."""
        ended = await self.ended()
        assert ended.outcome == "succeeded", ended.message
        events = [FoundEvent(event.id or f"ev{self._number}", event.variables) for event in ended.found]
        if events and not lost:
            self._accepted = [event.id for event in events]
        return events

    async def one(self, *, lost: bool = False) -> Mapping[str, Any]:
        """Return the variables of the one event of the next poll."""
        (event,) = await self.found(lost=lost)
        return event.variables

    async def why(self) -> str:
        ended = await self.ended()
        assert ended.outcome == "failed", ended.found
        return ended.message
