"""The machine of dispatch: which decision an input is, and the state between decisions."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.execution import Outcome
from contracts.machine import Input, Step, TimerDue
from contracts.scalars import Millis
from contracts.work import (
    EnqueueAttempt,
    WithdrawAttempt,
    WorkerAnnounced,
    WorkerDraining,
    WorkerReported,
)
from services.executor.dispatch.decision import SEPARATOR, Decision
from services.executor.dispatch.dump import dump_group, load_groups
from services.executor.dispatch.event import AnyDispatchEvent
from services.executor.dispatch.state import Group, apply


class DispatchMachine:
    events: object = AnyDispatchEvent
    published: str | None = None

    def __init__(self) -> None:
        self.groups: dict[str, Group] = {}

    def step(self, message: Input, at: Millis) -> Step:
        decision = Decision(self.groups, at)
        match message:
            case EnqueueAttempt():
                decision.enqueue(message)
            case WithdrawAttempt():
                decision.withdraw(message)
            case WorkerReported():
                decision.report(message)
            case WorkerAnnounced():
                decision.announce(message)
            case WorkerDraining():
                decision.drain(message)
            case TimerDue(name=name, due=due):
                kind, group, subject = name.split(SEPARATOR)
                if kind == "lease":
                    decision.check_lease(group, subject, due)
                else:
                    decision.stop_again(group, subject)
            case _:
                raise TypeError(f"not for dispatch: {type(message).__name__}")
        return decision.step

    def fail(self, message: Input, at: Millis, error: str) -> Step:
        """The executor learns that the attempt failed; a worker's message or a timer is passed over."""
        decision = Decision(self.groups, at)
        if isinstance(message, EnqueueAttempt | WithdrawAttempt):
            outcome: Outcome = "failed" if isinstance(message, EnqueueAttempt) else "cancelled"
            reason = f"internal error while dispatching: {error}"
            decision.say_ended(message, outcome, reason)
        return decision.step

    def evolve(self, event: AnyDispatchEvent) -> None:
        apply(self.groups, event)

    def public_key(self, event: AnyDispatchEvent) -> str | None:  # noqa: ARG002 - nothing of dispatch is public
        return None

    def dump(self) -> Iterable[bytes]:
        for name, group in self.groups.items():
            yield from dump_group(name, group)

    def load(self, items: Iterable[bytes]) -> None:
        self.groups = load_groups(items)
