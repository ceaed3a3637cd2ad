"""The rig of limits: one limit, executions by name. Each request comes a moment after the last one, unless it gives a time."""

from __future__ import annotations

from contracts.execution import SlotGranted, SlotQueued, SlotRefused
from contracts.limit import AcquireSlot, Behavior, ReleaseSlot, SetLimit
from contracts.machine import Step
from services.executor.limits.machine import LimitMachine
from services.executor.limits.state import Limit
from tests.support.rig import Rig

KEY = "flow:company.team/hello"


class LimitRig(Rig[LimitMachine]):
    def __init__(self) -> None:
        super().__init__(LimitMachine, now=1_000)

    def acquire(
        self, execution: str, *, limit: int = 1, behavior: Behavior = "QUEUE", at: int | None = None
    ) -> list[str]:
        at = self.tick() if at is None else at
        message = AcquireSlot(limit_key=KEY, execution_id=execution, limit=limit, behavior=behavior, at=at)
        return said(self.when(message))

    def release(self, execution: str, *, at: int | None = None) -> list[str]:
        at = self.tick() if at is None else at
        return said(self.when(ReleaseSlot(limit_key=KEY, execution_id=execution, at=at)))

    def set_limit(
        self, limit: int | None, *, behavior: Behavior = "QUEUE", at: int | None = None
    ) -> list[str]:
        at = self.tick() if at is None else at
        return said(self.when(SetLimit(limit_key=KEY, limit=limit, behavior=behavior, at=at)))

    @property
    def limit(self) -> Limit | None:
        return self.machine.state.by_key.get(KEY)


def said(step: Step) -> list[str]:
    """Return the answers of a step, for example ``granted a``."""
    words = {SlotGranted: "granted", SlotQueued: "queued", SlotRefused: "refused"}
    for out in step.outbox:
        assert isinstance(out.message, SlotGranted | SlotQueued | SlotRefused)
        assert (out.topic, out.message.limit_key) == ("executions.commands", KEY)
        assert out.key == out.message.execution_id
    return [f"{words[type(out.message)]} {out.key}" for out in step.outbox]
