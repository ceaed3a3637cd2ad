"""The rig of a trigger that is polled, with the worker's part played by the test."""

from __future__ import annotations

from typing import Any

import msgspec

from contracts.execution import AttemptEnded, Outcome
from contracts.machine import Step
from contracts.polling import FoundEvent
from contracts.scalars import derive_id
from contracts.trigger import DefineTrigger
from contracts.work import EnqueueAttempt, RunAttempt
from services.trigger_listener.core.machine import TriggerMachine
from services.trigger_listener.core.polling import PollSettings
from services.trigger_listener.core.state import Trigger
from tests.support.rig import messages
from tests.support.rig.triggers import KEY, NAMES, TriggerRig

INBOX, STREAM = "example.Inbox", "example.Stream"
TIMEOUT_MS = 600_000


def is_stream(trigger_type: str) -> bool:
    return trigger_type == STREAM


def is_polled(trigger_type: str) -> bool:
    return trigger_type in (INBOX, STREAM)


def polling_machine() -> TriggerMachine:
    return TriggerMachine(polls=PollSettings(is_polled, "default", TIMEOUT_MS, is_stream))


class PollRig(TriggerRig):
    def __init__(self, start: str = "2026-03-01T08:00:00+00:00") -> None:
        super().__init__(start)
        self.make = polling_machine
        self.machine = polling_machine()

    def poll_with(self, variables: dict[str, Any] | None = None, of: str = INBOX, **definition: Any) -> Step:
        self.revision += 1
        return self.when(
            DefineTrigger(
                **NAMES,
                revision=self.revision,
                trigger_type=of,
                definition=definition,
                at=self.now,
                variables=variables or {},
            )
        )

    def asked(self) -> RunAttempt:
        """Let what is due happen, and return the last poll that was sent."""
        self.wait(0)
        return attempts(*self.steps)[-1]

    def a_report(
        self,
        run: RunAttempt,
        *found: FoundEvent,
        outcome: Outcome = "succeeded",
        message: str = "",
        unserved: bool = False,
    ) -> AttemptEnded:
        return AttemptEnded(
            execution_id=run.execution_id,
            task_run_id=run.task_run_id,
            attempt=run.attempt,
            outcome=outcome,
            at=self.now,
            worker_id="w1",
            message=message,
            unserved=unserved,
            found=list(found),
        )

    def report(self, run: RunAttempt, *found: FoundEvent, **end: Any) -> Step:
        return self.when(self.a_report(run, *found, **end))

    def execution_of(self, event_id: str) -> str:
        return derive_id("poll", KEY, event_id)

    @property
    def trigger(self) -> Trigger:
        return self.machine.state.by_key[KEY]


def attempts(*steps: Step) -> list[RunAttempt]:
    """Return the polls that were sent."""
    return [
        msgspec.json.decode(asked.run, type=RunAttempt)
        for step in steps
        for asked in messages(step.outbox, EnqueueAttempt)
    ]
