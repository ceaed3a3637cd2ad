"""The rig of Flow triggers: one trigger, and executions of other flows that reach states."""

from __future__ import annotations

from typing import Any

from contracts.execution import StartExecution
from contracts.language.types.trigger.flow import FLOW
from contracts.machine import Step
from contracts.states import State
from contracts.telemetry import AttemptLogs
from contracts.trigger import DefineTrigger, ExecutionMoved, MovedExecution, RemoveTrigger, SetTriggerDisabled
from services.trigger_listener.core.machine import TriggerMachine
from tests.support.rig import Rig, messages
from tests.support.rig.triggers import millis

NAMES: Any = {"namespace": "company.team", "flow_id": "listener", "trigger_id": "heard"}
KEY = "company.team/listener/heard"


def upstream(*flow_ids: str, **more: Any) -> dict[str, Any]:
    """Return ``preconditions`` on these flows."""
    flows = [{"namespace": "company.team", "flowId": flow_id, "states": ["SUCCESS"]} for flow_id in flow_ids]
    return {"id": "all", "flows": flows, **more}


class MovedRig(Rig[TriggerMachine]):
    def __init__(self, start: str = "2026-03-01T08:00:00+00:00", *, most_depth: int = 50) -> None:
        super().__init__(lambda: TriggerMachine(most_depth=most_depth), now=millis(start))
        self.revision = 0
        self.count = 0

    def define(
        self, *, disabled: bool = False, variables: dict[str, Any] | None = None, **definition: Any
    ) -> Step:
        self.revision += 1
        return self.when(self.a_definition(self.revision, definition, disabled=disabled, variables=variables))

    def a_definition(
        self,
        revision: int,
        definition: dict[str, Any],
        *,
        disabled: bool = False,
        variables: dict[str, Any] | None = None,
    ) -> DefineTrigger:
        return DefineTrigger(
            **NAMES,
            revision=revision,
            trigger_type=FLOW.name,
            definition=definition,
            at=self.now,
            disabled=disabled,
            variables=variables or {},
        )

    def remove(self) -> Step:
        self.revision += 1
        return self.when(RemoveTrigger(**NAMES, revision=self.revision, at=self.now))

    def disable(self) -> Step:
        return self.when(SetTriggerDisabled(**NAMES, disabled=True, at=self.now))

    def moved(self, flow_id: str = "orders", state: State = State.SUCCESS, **more: Any) -> ExecutionMoved:
        """Return the message about an execution, another one each time."""
        self.count += 1
        fields: dict[str, Any] = {
            "id": f"e{self.count}",
            "seq": 5,
            "namespace": "company.team",
            "flow_id": flow_id,
            "revision": 2,
            "state": state,
            "started_at": self.now - 1_000,
            "ended_at": self.now,
        }
        revision = more.pop("of_revision", self.revision)
        moved = MovedExecution(**(fields | more))
        return ExecutionMoved(**NAMES, revision=revision, at=self.now, moved=moved)

    def hear(
        self, flow_id: str = "orders", state: State = State.SUCCESS, **more: Any
    ) -> list[StartExecution]:
        """Return what such an execution starts."""
        return self.starts(self.when(self.moved(flow_id, state, **more)))

    def starts(self, *steps: Step) -> list[StartExecution]:
        return [start for step in steps for start in messages(step.outbox, StartExecution)]

    def lines(self) -> list[str]:
        """Return what was written to the trigger's log."""
        return [line.message for logs in self.sent(AttemptLogs) for line in logs.lines]
