"""The only entrance to triggers. It dispatches inputs to decisions, and keeps the state between them."""

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
    ExecutionMoved,
    RemoveTrigger,
    ResetTrigger,
    RestartTrigger,
    SetTriggerDisabled,
    UnlockTrigger,
)
from services.trigger_listener.core import dump
from services.trigger_listener.core.decide import (
    backfill,
    definition,
    disabling,
    lock,
    moved,
    poll,
    reset,
    slot,
)
from services.trigger_listener.core.event import JOURNAL, JournalEvent, PrivateEvent
from services.trigger_listener.core.evolve import early_entity, evolve
from services.trigger_listener.core.polling import NO_POLLS, PollSettings
from services.trigger_listener.core.state import TriggersState
from services.trigger_listener.core.turn import MOST_DEPTH, Turn


class TriggerMachine:
    journal: Codec[JournalEvent] = JOURNAL
    published: str | None = "triggers.events"

    def __init__(
        self, zone: str = "UTC", polls: PollSettings = NO_POLLS, most_depth: int = MOST_DEPTH
    ) -> None:
        """``zone`` is used for schedules and windows that name none. ``most_depth``: so many Flow triggers may start one another."""
        self.state = TriggersState()
        self._zone = zone
        self._polls = polls
        self._most_depth = most_depth

    def step(self, message: Input, at: Millis) -> Step:
        turn = Turn(self.state, at, evolve, self._zone, self._polls, self._most_depth)
        match message:
            case TimerDue():
                _fire(turn, message)
            case AttemptEnded():
                poll.reported(turn, message)
            case AttemptStarted():
                pass
            case DefineTrigger():
                definition.define(turn, message)
                moved.catch_up(turn, trigger_key(message.namespace, message.flow_id, message.trigger_id))
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
            case ExecutionMoved():
                moved.told(turn, message)
            case _:
                raise TypeError(f"triggers cannot decide a {type(message).__name__}")
        return turn.step

    def fail(self, message: Input, at: Millis, error: str) -> Step:
        """Pass over a slot whose decision raised, or end the poll, with the reason; the trigger goes on. Answer a request."""
        turn = Turn(self.state, at, evolve, self._zone, self._polls, self._most_depth)
        match message:
            case TimerDue(name=name) if name.startswith(early_entity("")):
                moved.give_up(turn, name)
            case ExecutionMoved():
                moved.failed(turn, message, f"internal error: {error}")
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
        if isinstance(event, PrivateEvent):
            return None
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


def _fire(turn: Turn, timer: TimerDue) -> None:
    if timer.name.startswith(early_entity("")):
        moved.give_up(turn, timer.name)
    elif not poll.poll_due(turn, timer.name):
        slot.slot_due(turn, timer.name, timer.due)
