"""The only entrance to triggers. It dispatches inputs to decisions, and keeps the state between them. All its events are public."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.codec import Codec
from contracts.execution import AttemptEnded, AttemptStarted
from contracts.machine import Input, Step, TimerDue
from contracts.scalars import Millis, trigger_key
from contracts.trigger import (
    ChangeBackfill,
    CreateBackfill,
    DefineTrigger,
    RemoveTrigger,
    ResetTrigger,
    RestartTrigger,
    SetTriggerDisabled,
    UnlockTrigger,
)
from services.trigger_listener.core import dump
from services.trigger_listener.core.decide import backfill, definition, disabling, lock, poll, reset, slot
from services.trigger_listener.core.event import JOURNAL, JournalEvent
from services.trigger_listener.core.evolve import evolve
from services.trigger_listener.core.polling import NO_POLLS, PollSettings
from services.trigger_listener.core.state import TriggersState
from services.trigger_listener.core.turn import Turn


class TriggerMachine:
    journal: Codec[JournalEvent] = JOURNAL
    published: str | None = "triggers.events"

    def __init__(self, zone: str = "UTC", polls: PollSettings = NO_POLLS) -> None:
        """``zone`` is used for schedules that name none."""
        self.state = TriggersState()
        self._zone = zone
        self._polls = polls

    def step(self, message: Input, at: Millis) -> Step:
        turn = Turn(self.state, at, evolve, self._zone, self._polls)
        match message:
            case TimerDue(name=key, due=due):
                if not poll.poll_due(turn, key):
                    slot.slot_due(turn, key, due)
            case AttemptEnded():
                poll.reported(turn, message)
            case AttemptStarted():
                pass
            case DefineTrigger():
                definition.define(turn, message)
            case RemoveTrigger():
                definition.remove(turn, message)
            case UnlockTrigger():
                lock.unlock(turn, message)
            case SetTriggerDisabled():
                disabling.set_disabled(turn, message)
            case CreateBackfill():
                backfill.create(turn, message)
            case ChangeBackfill():
                backfill.change(turn, message)
            case ResetTrigger():
                reset.reset(turn, message)
            case RestartTrigger():
                reset.restart(turn, message)
            case _:
                raise TypeError(f"triggers cannot decide a {type(message).__name__}")
        return turn.step

    def fail(self, message: Input, at: Millis, error: str) -> Step:
        """Pass over a slot whose decision raised, or end the poll, with the reason; the trigger goes on. Answer a request."""
        turn = Turn(self.state, at, evolve, self._zone, self._polls)
        match message:
            case TimerDue(name=key):
                if not poll.fail_poll(turn, key, f"internal error: {error}"):
                    slot.pass_over(turn, key, f"internal error: {error}")
            case AttemptEnded(task_run_id=evaluation_id):
                poll.fail_poll(
                    turn, self.state.evaluations.get(evaluation_id, ""), f"internal error: {error}"
                )
            case (
                SetTriggerDisabled()
                | UnlockTrigger()
                | CreateBackfill()
                | ChangeBackfill()
                | ResetTrigger()
                | RestartTrigger()
            ):
                turn.reply(message, "invalid", f"internal error: {error}")
            case _:
                pass
        return turn.step

    def evolve(self, event: JournalEvent) -> None:
        evolve(self.state, event)

    def public_key(self, event: JournalEvent) -> str | None:
        return trigger_key(event.namespace, event.flow_id, event.trigger_id)

    def dump(self) -> Iterable[bytes]:
        return dump.dump(self.state)

    def load(self, items: Iterable[bytes]) -> None:
        dump.load(self.state, items)

    def entities(self) -> Iterable[str]:
        return dump.entities(self.state)

    def take_touched(self) -> Iterable[str]:
        touched, self.state.touched = self.state.touched, {}
        return touched

    def dump_entity(self, entity: str) -> Iterable[bytes]:
        return dump.dump_entity(self.state, entity)

    def load_entities(self, entities: Iterable[tuple[str, list[bytes]]]) -> None:
        dump.load_entities(self.state, entities)

    def timer_owner(self, name: str) -> str:
        return name
