"""The rig of triggers: one schedule, with times as people write them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.execution import StartExecution
from contracts.language.types.trigger.schedule import SCHEDULE
from contracts.machine import Step
from contracts.message import type_of
from contracts.reply import Reply
from contracts.trigger import (
    ChangeBackfill,
    CreateBackfill,
    DefineTrigger,
    RemoveTrigger,
    ResetTrigger,
    SetTriggerDisabled,
    UnlockTrigger,
)
from services.trigger_listener.core.machine import TriggerMachine
from tests.support.rig import Rig, messages

NAMES: Any = {"namespace": "company.team", "flow_id": "hello", "trigger_id": "daily"}
KEY = "company.team/hello/daily"


def millis(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


class TriggerRig(Rig[TriggerMachine]):
    def __init__(self, start: str = "2026-03-01T08:00:00+00:00") -> None:
        super().__init__(TriggerMachine, now=millis(start))
        self.revision = 0

    def until(self, text: str, *, away: bool = False) -> list[StartExecution]:
        """Return what is started until then."""
        return starts(*self.wait_until(millis(text), away=away))

    def define(self, *, disabled: bool = False, **definition: Any) -> Step:
        self.revision += 1
        definition = {"cron": "0 9 * * *", "allowConcurrent": True} | definition
        return self.when(self.a_definition(self.revision, definition, disabled=disabled))

    def a_definition(
        self, revision: int, definition: dict[str, Any], *, disabled: bool = False
    ) -> DefineTrigger:
        return DefineTrigger(
            **NAMES,
            revision=revision,
            trigger_type=SCHEDULE.name,
            definition=definition,
            at=self.now,
            disabled=disabled,
        )

    def remove(self) -> Step:
        self.revision += 1
        return self.when(RemoveTrigger(**NAMES, revision=self.revision, at=self.now))

    def unlock(self, execution_id: str | None, state: str = "SUCCESS", at: int | None = None) -> Step:
        at = self.now if at is None else at
        return self.when(UnlockTrigger(**NAMES, at=at, execution_id=execution_id, state=state))

    def set_disabled(self, disabled: bool) -> Step:
        return self.when(
            SetTriggerDisabled(**NAMES, disabled=disabled, at=self.now, request_id="r", reply_to=3)
        )

    def backfill(self, start: str, end: str, **more: Any) -> Step:
        asked: dict[str, Any] = {"start": millis(start), "end": millis(end), "at": self.now} | more
        return self.when(CreateBackfill(**NAMES, **asked, request_id="r", reply_to=3))

    def change_backfill(self, change: Any) -> Step:
        return self.when(ChangeBackfill(**NAMES, change=change, at=self.now, request_id="r", reply_to=3))

    def reset(self) -> Step:
        return self.when(ResetTrigger(**NAMES, at=self.now, request_id="r", reply_to=3))

    def settled(self) -> list[StartExecution]:
        """Return what is started without that time passes."""
        return starts(*self.settle())

    @property
    def next_at(self) -> int | None:
        return self.machine.state.by_key[KEY].next_at


def starts(*steps: Step) -> list[StartExecution]:
    return [start for step in steps for start in messages(step.outbox, StartExecution)]


def events(*steps: Step) -> list[str]:
    """Return the types of the decided events."""
    return [type_of(event) for step in steps for event in step.events]


def dates(found: list[StartExecution]) -> list[str]:
    return [str(start.trigger.variables["date"]) for start in found if start.trigger is not None]


def code(step: Step) -> str:
    """Return the code of the one answer."""
    (out,) = [out for out in step.outbox if out.topic == "replies"]
    assert isinstance(out.message, Reply)
    assert (out.key, out.partition) == ("r", 3)
    return out.message.code
