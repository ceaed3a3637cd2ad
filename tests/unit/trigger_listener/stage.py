"""A TriggerMachine whose time the test moves, and which fires the timers that it set."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from contracts.execution import StartExecution
from contracts.language.types.trigger.schedule import SCHEDULE
from contracts.machine import Input, Step, TimerDue
from contracts.reply import Reply
from contracts.trigger import DefineTrigger, RemoveTrigger, SetTriggerDisabled, UnlockTrigger
from services.trigger_listener.core.machine import TriggerMachine

NAMES: Any = {"namespace": "company.team", "flow_id": "hello", "trigger_id": "daily"}
KEY = "company.team/hello/daily"


def millis(text: str) -> int:
    return round(datetime.fromisoformat(text).timestamp() * 1000)


class Stage:
    def __init__(self, start: str = "2026-03-01T08:00:00+00:00") -> None:
        self.machine = TriggerMachine()
        self.now = millis(start)
        self.timers: dict[str, int] = {}
        self.revision = 0
        self.steps: list[Step] = []

    def step(self, message: Input) -> Step:
        if isinstance(message, TimerDue):
            self.timers.pop(message.name, None)
        step = self.machine.step(message, self.now)
        for timer in step.timers:
            self.timers.pop(timer.name, None)
            if timer.due is not None:
                self.timers[timer.name] = timer.due
        self.steps.append(step)
        return step

    def until(self, text: str, *, away: bool = False) -> list[StartExecution]:
        """Time passes. Timers fire when they are due; if we were ``away``, all of them at the end."""
        end, since = millis(text), len(self.steps)
        while due := min(((due, name) for name, due in self.timers.items() if due <= end), default=None):
            self.now = end if away else max(self.now, due[0])
            self.step(TimerDue(due[1], due[0]))
        self.now = end
        return starts(*self.steps[since:])

    def define(self, *, disabled: bool = False, **definition: Any) -> Step:
        self.revision += 1
        definition = {"cron": "0 9 * * *", "allowConcurrent": True} | definition
        return self.step(
            DefineTrigger(
                **NAMES,
                revision=self.revision,
                trigger_type=SCHEDULE.name,
                definition=definition,
                at=self.now,
                disabled=disabled,
            )
        )

    def remove(self) -> Step:
        self.revision += 1
        return self.step(RemoveTrigger(**NAMES, revision=self.revision, at=self.now))

    def unlock(self, execution_id: str | None, state: str = "SUCCESS", at: int | None = None) -> Step:
        at = self.now if at is None else at
        return self.step(UnlockTrigger(**NAMES, at=at, execution_id=execution_id, state=state))

    def set_disabled(self, disabled: bool) -> Step:
        return self.step(
            SetTriggerDisabled(**NAMES, disabled=disabled, at=self.now, request_id="r", reply_to=3)
        )

    @property
    def next_at(self) -> int | None:
        return self.machine.state.by_key[KEY].next_at


def starts(*steps: Step) -> list[StartExecution]:
    return [out.message for step in steps for out in step.outbox if isinstance(out.message, StartExecution)]


def dates(found: list[StartExecution]) -> list[str]:
    return [str(start.trigger.variables["date"]) for start in found if start.trigger is not None]


def code(step: Step) -> str:
    (out,) = [out for out in step.outbox if out.topic == "replies"]
    assert isinstance(out.message, Reply)
    assert (out.key, out.partition) == ("r", 3)
    return out.message.code
