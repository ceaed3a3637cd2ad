"""The machine of triggers: which decision an input is, and the state between decisions. Its events are public."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.machine import Input, Step, TimerDue
from contracts.scalars import Millis, trigger_key
from contracts.trigger import (
    AnyTriggerEvent,
    DefineTrigger,
    RemoveTrigger,
    SetTriggerDisabled,
    UnlockTrigger,
)
from services.trigger_listener.core.decision import Decision
from services.trigger_listener.core.state import Triggers


class TriggerMachine:
    events: object = AnyTriggerEvent
    published: str | None = "triggers.events"

    def __init__(self, zone: str = "UTC") -> None:
        """``zone`` is that of schedules that name none."""
        self.triggers = Triggers()
        self._zone = zone

    def step(self, message: Input, at: Millis) -> Step:
        decision = Decision(self.triggers, at, self._zone)
        match message:
            case TimerDue(name=key, due=due):
                decision.slot_due(key, due)
            case DefineTrigger():
                decision.define(message)
            case RemoveTrigger():
                decision.remove(message)
            case UnlockTrigger():
                decision.unlock(message)
            case SetTriggerDisabled():
                decision.set_disabled(message)
            case _:
                raise TypeError(f"not for triggers: {type(message).__name__}")
        return decision.step

    def fail(self, message: Input, at: Millis, error: str) -> Step:
        """A slot whose decision raises is passed over, with the reason; the schedule goes on. A request is answered."""
        decision = Decision(self.triggers, at, self._zone)
        match message:
            case TimerDue(name=key):
                decision.pass_over(key, f"internal error: {error}")
            case SetTriggerDisabled() | UnlockTrigger():
                decision.reply(message, "invalid", f"internal error: {error}")
            case _:
                pass
        return decision.step

    def evolve(self, event: AnyTriggerEvent) -> None:
        self.triggers.apply(event)

    def public_key(self, event: AnyTriggerEvent) -> str | None:
        return trigger_key(event.namespace, event.flow_id, event.trigger_id)

    def dump(self) -> Iterable[bytes]:
        return self.triggers.dump()

    def load(self, items: Iterable[bytes]) -> None:
        self.triggers.load(items)
