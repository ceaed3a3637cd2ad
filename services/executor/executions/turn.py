"""The turn of one input on one execution: collects events, outbox and timers, and evolves the state at once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from contracts import machine
from contracts.execution import AnyExecutionEvent, AttemptEnded
from contracts.language.expression.budget import Budget
from contracts.language.flow.plan import Node
from contracts.scalars import JsonObject, Millis
from contracts.states import State
from contracts.telemetry import AttemptLogs, Level, LogLine
from services.executor.executions.audience import Audience
from services.executor.executions.blueprint import Blueprint, Blueprints
from services.executor.executions.event import JournalEvent
from services.executor.executions.state import Execution, ExecutionsState, TaskRun

NEW_RUNS_PER_STEP = 50
"""Further steps begin the children beyond this, so that records and turns stay bounded."""
BYTES_PER_STEP = 300_000
"""The limit for values in one step: outputs, attempts, values of loops. Further steps begin the rest. A record may hold
900 KiB, and a single attempt may take 500,000 of them."""
RENDERED_BYTES_PER_STEP = 67_108_864
"""The limit for what the templates of one step allocate together, counted as their budgets count. Further steps begin the rest, so that
other executions of the partition have their turn."""
RENDERED_TICKS_PER_STEP = 2
"""The same for time: how often the timer of the process may find these templates at work."""
MUCH_BYTES = 100_000
"""Values above this get a record of their own."""
REASON_CHARS = 8_000


def cut(text: str) -> str:
    """Shorten a reason or a line for a log, so that a step's size does not depend on it."""
    return text if len(text) <= REASON_CHARS else text[:REASON_CHARS] + "…"


class NotInThisStep(Exception):
    """The step's record would get too large. Nothing was noted yet; another step begins the run."""


@dataclass(slots=True)
class Setting:
    """What stays the same between inputs, for all executions of a partition."""

    blueprints: Blueprints
    window_ms: Millis
    group: str
    envs: Mapping[str, str]
    globals: JsonObject
    in_place: bool
    """Whether pure tasks are decided here, without a worker."""
    borrower: int | None
    """The number of this partition, which may have leases. None: dispatch hands out every attempt."""
    is_light: Callable[[str], bool]
    """Whether tasks of this type take a place for light attempts."""
    write_version: int
    """The newest format that all replicas read."""
    audience: Audience
    """The triggers of other flows that hear of executions."""


AnyTurn: TypeAlias = machine.Turn[ExecutionsState, JournalEvent]
"""The turn of an input. It may be about no execution yet."""


@dataclass(slots=True)
class Turn(AnyTurn):
    setting: Setting
    execution: Execution
    budget: int = NEW_RUNS_PER_STEP
    bytes: int = 0
    moved: list[TaskRun | None] = field(default_factory=list)
    """Flowables (None: the execution) whose next tasks must be found, the innermost last. ``settle`` empties it."""
    reports: deque[AttemptEnded] = field(default_factory=deque)
    """Ends of attempts that were decided in place. The step decides them after everything that moved."""
    exits: dict[str, State] = field(default_factory=dict)
    """By task run: what such an attempt ends the execution in."""
    was_held: bool = False
    """Whether somebody had to resume the execution before this input. Its parent is told of a change."""
    interrupted: bool = False
    """This step has ended as many open runs as one may. Further steps end the rest."""
    anew: tuple[str, Millis] | None = None
    """The run whose policy starts another execution in place of this one, and the date of that."""
    deferred: bool = False
    """There is more to begin than one step may."""
    renderings: list[Budget] = field(default_factory=list)
    """What was rendered in this step and is not counted yet."""
    rendered_bytes: int = 0
    rendered_ticks: int = 0
    _blueprint: Blueprint | None = None

    def emit(self, kind: type[AnyExecutionEvent], **fields: Any) -> None:
        """Emit a public event of this execution, with the next number."""
        execution = self.execution
        self.note(kind(execution_id=execution.id, seq=execution.seq + 1, at=self.at, **fields))

    def look_at(self, *owners: TaskRun | None) -> None:
        """Something moved below these flowables (None: the execution). The end of the step finds what follows there."""
        self.moved.extend(owners)

    def weigh(self, size: int) -> None:
        """Count the size of the step's record. If it gets large, no more runs begin in this step."""
        self.bytes += size
        if self.bytes > BYTES_PER_STEP:
            self.budget = 0

    def rendering(self, most: int) -> Budget:
        """Return a budget for one thing that is rendered in this step."""
        budget = Budget(most)
        self.renderings.append(budget)
        return budget

    def weigh_renderings(self) -> None:
        """If this step's templates took much, no more runs begin in it."""
        for each in self.renderings:
            self.rendered_bytes += each.most - each.left
            self.rendered_ticks += each.ticks
        self.renderings.clear()
        if self.rendered_bytes > RENDERED_BYTES_PER_STEP or self.rendered_ticks >= RENDERED_TICKS_PER_STEP:
            self.budget = 0

    def make_room(self, size: int) -> None:
        """Raise NotInThisStep if something of this size must wait for another step. Then call ``weigh``, once it is noted."""
        if self.bytes and self.bytes + size > BYTES_PER_STEP:
            raise NotInThisStep

    def log(self, level: Level, message: str, run: TaskRun | None = None) -> None:
        """Write a line to the execution's log. Its number is that of the last event, so call this after the event."""
        execution = self.execution
        lines = AttemptLogs(
            execution_id=execution.id,
            namespace=execution.namespace,
            flow_id=execution.flow_id,
            first=execution.seq,
            lines=[LogLine(level=level, at=self.at, message=cut(message))],
            task_id=run.task_id if run is not None else None,
            task_run_id=run.id if run is not None else None,
        )
        self.send("attempts.logs", execution.id, lines)

    @property
    def known(self) -> bool:
        """Whether the revision of its flow is available. Everything below needs it."""
        return self._look_up() is not None

    @property
    def blueprint(self) -> Blueprint:
        found = self._look_up()
        assert found is not None
        return found

    def _look_up(self) -> Blueprint | None:
        if self._blueprint is None:
            execution = self.execution
            found = self.setting.blueprints.of(execution.namespace, execution.flow_id, execution.revision)
            iteration = execution.parent.iteration if execution.parent is not None else None
            if found is not None and iteration is not None:
                found = found.body(iteration.task_id)
            self._blueprint = found
        return self._blueprint

    def node_of(self, run: TaskRun) -> Node:
        return self.blueprint.plan.nodes[run.task_id]
