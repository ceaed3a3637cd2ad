"""All triggers of one partition. Only ``evolve`` changes them. Definitions stay JSON, because there may be 100,000."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.scalars import JsonObject, Millis, trigger_key
from contracts.trigger import ExecutionMoved


@dataclass(slots=True)
class Backfill:
    id: str
    start_at: Millis
    end_at: Millis
    slot_at: Millis
    """The next date of it that is not decided yet."""
    inputs: JsonObject
    labels: dict[str, str]
    paused: bool = False


@dataclass(frozen=True, slots=True)
class Evaluation:
    """A poll that is out."""

    id: str
    since: Millis
    until: Millis
    """When it is stopped."""
    group: str


@dataclass(frozen=True, slots=True)
class Met:
    """A part of what a Flow trigger waits for is met, by an execution that reached a state."""

    at: Millis
    start: Millis
    end: Millis
    """The window."""
    execution: JsonObject
    """``executionId``, ``namespace``, ``flowId``, ``state``."""
    outputs: JsonObject


@dataclass(slots=True)
class Trigger:
    namespace: str
    flow_id: str
    trigger_id: str
    trigger_type: str
    revision: int
    definition: bytes
    """JSON."""
    source_disabled: bool
    user_disabled: bool = False
    """Set through the API, or by ``stopAfter``."""
    next_at: Millis | None = None
    """The next slot that is not decided yet, or when a source is polled again. It is kept while the trigger is disabled or locked."""
    last_at: Millis | None = None
    locked_by: str | None = None
    evaluation: Evaluation | None = None
    accepted: tuple[str, ...] = ()
    """The ids of the events of the last poll that found some, started or not."""
    variables: bytes = b""
    """What its templates read of the flow, as JSON. Empty: nothing."""
    backfill: Backfill | None = None
    """Its dates fire before ``next_at``, if they are earlier."""
    windows: dict[str, dict[str, Met]] = field(default_factory=dict)
    """Of a Flow trigger: by the id of its preconditions, then by part, what counts as met."""
    heard: dict[str, int] = field(default_factory=dict)
    """The executions of which a Flow trigger took notice last, each with the number of its last event."""
    problem: str = ""
    """What its log was told last."""

    @property
    def key(self) -> str:
        return trigger_key(self.namespace, self.flow_id, self.trigger_id)

    @property
    def disabled(self) -> bool:
        return self.source_disabled or self.user_disabled

    @property
    def idle(self) -> bool:
        """Return whether the trigger fires at its next slot, or is polled then."""
        return not self.disabled and self.locked_by is None and self.evaluation is None

    @property
    def in_backfill(self) -> bool:
        """Return whether the next date is one of the backfill. Slots of the schedule before it are not held up by it."""
        if self.backfill is None:
            return False
        return self.next_at is None or self.next_at >= self.backfill.slot_at

    @property
    def due_at(self) -> Millis | None:
        """Return when it fires next. None: something must happen first."""
        if not self.idle:
            return None
        if self.backfill is None or not self.in_backfill:
            return self.next_at
        return None if self.backfill.paused else self.backfill.slot_at


@dataclass(slots=True)
class TriggersState:
    by_key: dict[str, Trigger] = field(default_factory=dict)
    evaluations: dict[str, str] = field(default_factory=dict)
    """The keys of triggers by the ids of their polls that are out."""
    early: dict[str, list[ExecutionMoved]] = field(default_factory=dict)
    """By the key of the trigger: executions that are told of before the definition which they concern is here."""
    touched: dict[str, None] = field(default_factory=dict)
    """Keys of triggers that changed since this was last emptied."""
