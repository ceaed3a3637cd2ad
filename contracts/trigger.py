"""Triggers: definitions from the registry, commands from web, and trigger-listener's public events."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from contracts.message import Message
from contracts.scalars import JsonObject, Millis
from contracts.states import State


class DefineTrigger(Message, frozen=True, kw_only=True, tag="trigger.define.v1"):
    """From the registry: a revision of a flow has this trigger."""

    namespace: str
    flow_id: str
    revision: int
    trigger_id: str
    trigger_type: str
    definition: JsonObject
    """As written, merged with plugin defaults."""
    at: Millis
    disabled: bool = False
    """True if the flow's source disables the trigger or the whole flow."""
    variables: JsonObject = {}
    """What its templates read of the flow, such as ``vars``. Only for triggers that are polled, and for Flow triggers."""


class RemoveTrigger(Message, frozen=True, kw_only=True, tag="trigger.remove.v1"):
    namespace: str
    flow_id: str
    revision: int
    trigger_id: str
    at: Millis


class AskedOfTrigger(Message, frozen=True, kw_only=True):
    """What every command has for whose answer somebody may wait."""

    namespace: str
    flow_id: str
    trigger_id: str
    at: Millis
    request_id: str | None = None
    reply_to: int | None = None


class SetTriggerDisabled(AskedOfTrigger, frozen=True, kw_only=True, tag="trigger.set_disabled.v1"):
    disabled: bool


class UnlockTrigger(AskedOfTrigger, frozen=True, kw_only=True, tag="trigger.unlock.v1"):
    """The executor reports that the locking execution ended. ``execution_id`` None: an operator forces the unlock."""

    execution_id: str | None = None
    state: str | None = None


class CreateBackfill(AskedOfTrigger, frozen=True, kw_only=True, tag="trigger.create_backfill.v1"):
    """Run every date of a schedule from ``start`` to ``end``, both included, before the schedule goes on."""

    start: Millis
    end: Millis
    inputs: JsonObject = {}
    """As written. They come after those of the trigger."""
    labels: dict[str, str] = {}


class ChangeBackfill(AskedOfTrigger, frozen=True, kw_only=True, tag="trigger.change_backfill.v1"):
    change: Literal["pause", "continue", "delete"]


class ResetTrigger(AskedOfTrigger, frozen=True, kw_only=True, tag="trigger.reset.v1"):
    """Forget what a trigger has become since it was defined: its lock, its backfill, its dates, and that it was disabled."""


class RestartTrigger(AskedOfTrigger, frozen=True, kw_only=True, tag="trigger.restart.v1"):
    """Give a trigger that seems to stand still its next date again."""


class MovedExecution(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An execution that reached a state, as Flow triggers see it."""

    id: str
    seq: int
    """The number of the event that changed its state."""
    namespace: str
    flow_id: str
    revision: int
    state: State
    started_at: Millis
    ended_at: Millis | None = None
    labels: dict[str, str] = {}
    outputs: JsonObject = {}
    retried: list[State] = []
    """The states of the attempts of those task runs that had more than one."""
    first_failed: str | None = None
    """The first task that failed."""
    last_task: str | None = None
    depth: int = 0
    """How many Flow triggers started one another before it."""
    seen: JsonObject = {}
    """What the templates of the trigger read of it: ``outputs`` of its tasks, ``inputs``."""
    cut: bool = False
    """Outputs and what templates read are left out, because they were too large for all the triggers that hear of it."""


class ExecutionMoved(Message, frozen=True, kw_only=True, tag="trigger.execution_moved.v1"):
    """From the executor: an execution that may concern a Flow trigger reached a state."""

    namespace: str
    flow_id: str
    trigger_id: str
    revision: int
    """That of the trigger's flow which the executor knew."""
    at: Millis
    moved: MovedExecution


TriggerCommand: TypeAlias = (
    DefineTrigger
    | RemoveTrigger
    | SetTriggerDisabled
    | UnlockTrigger
    | CreateBackfill
    | ChangeBackfill
    | ResetTrigger
    | RestartTrigger
    | ExecutionMoved
)


class TriggerEvent(Message, frozen=True, kw_only=True):
    namespace: str
    flow_id: str
    trigger_id: str
    at: Millis


class TriggerDefined(TriggerEvent, frozen=True, kw_only=True, tag="trigger.defined.v1"):
    revision: int
    trigger_type: str
    definition: JsonObject
    disabled: bool
    """True if the source, the flow or the API disables it."""
    source_disabled: bool = False
    next_at: Millis | None = None
    """Next slot of a schedule. None for triggers that do not depend on time."""
    problem: str = ""
    """Why this trigger can never fire, such as an unreadable cron line or time zone."""
    variables: JsonObject = {}
    """Those of its definition."""


class TriggerRemoved(TriggerEvent, frozen=True, kw_only=True, tag="trigger.removed.v1"):
    pass


class TriggerFired(TriggerEvent, frozen=True, kw_only=True, tag="trigger.fired.v1"):
    """An execution was started for a slot. ``locks``: no further slot fires before it ends."""

    execution_id: str
    slot_at: Millis
    next_at: Millis | None = None
    locks: bool = True


class TriggerSkipped(TriggerEvent, frozen=True, kw_only=True, tag="trigger.skipped.v1"):
    """Slots were passed over, or an execution that a Flow trigger heard of. ``reason`` says why (late, recoverMissedSchedules,
    conditions)."""

    slot_at: Millis
    next_at: Millis | None = None
    reason: str = ""
    problem: str = ""
    """What could not be evaluated."""


class TriggerEvaluating(TriggerEvent, frozen=True, kw_only=True, tag="trigger.evaluating.v1"):
    """A poll was sent to a worker. No further one is sent before it ends."""

    evaluation_id: str
    until: Millis
    """When it is stopped if nothing was heard of it."""
    group: str
    """The worker group."""


class TriggerEvaluated(TriggerEvent, frozen=True, kw_only=True, tag="trigger.evaluated.v1"):
    """A poll ended. It started ``executions``, or there was nothing, or it failed for the reason in ``problem``."""

    evaluation_id: str
    next_at: Millis | None = None
    executions: list[str] = []
    accepted: list[str] = []
    """The ids of the events that are decided: those that started an execution, and those that conditions refused or that failed."""
    locked_by: str | None = None
    """The one of them before whose end nothing is polled."""
    problem: str = ""
    worker_id: str = ""


class MetCondition(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An execution met a part of what a Flow trigger waits for."""

    window: str
    """The id of the preconditions."""
    part: str
    start: Millis
    end: Millis
    """The window, both ends included."""


class TriggerHeard(TriggerEvent, frozen=True, kw_only=True, tag="trigger.heard.v1"):
    """A Flow trigger heard of an execution that met what it waits for, or a part of that."""

    moved_id: str
    moved_seq: int
    moved_namespace: str
    moved_flow_id: str
    moved_state: State
    moved_at: Millis
    outputs: JsonObject = {}
    """Those of the execution, if a window keeps them."""
    met: list[MetCondition] = []
    execution_id: str | None = None
    """The execution that this started."""
    emptied: list[str] = []
    """Windows in which nothing counts as met any more."""
    problem: str = ""
    """Why nothing was started although everything is met, or what could not be evaluated."""


class TriggerUnlocked(TriggerEvent, frozen=True, kw_only=True, tag="trigger.unlocked.v1"):
    execution_id: str


class TriggerDisabledSet(TriggerEvent, frozen=True, kw_only=True, tag="trigger.disabled_set.v1"):
    disabled: bool
    next_at: Millis | None = None


class TriggerBackfillBegun(TriggerEvent, frozen=True, kw_only=True, tag="trigger.backfill_begun.v1"):
    backfill_id: str
    start_at: Millis
    end_at: Millis
    slot_at: Millis
    """The first date of the schedule in it."""
    inputs: JsonObject = {}
    labels: dict[str, str] = {}


class TriggerBackfillFired(TriggerEvent, frozen=True, kw_only=True, tag="trigger.backfill_fired.v1"):
    """An execution was started for a date of a backfill. ``locks``: no further date fires before it ends."""

    execution_id: str
    slot_at: Millis
    next_slot_at: Millis | None
    """The date after it in the backfill. None: it was the last one."""
    next_at: Millis | None
    """The next slot of the schedule itself, which begins once the backfill is over."""
    locks: bool = True


class TriggerBackfillSkipped(TriggerEvent, frozen=True, kw_only=True, tag="trigger.backfill_skipped.v1"):
    """Dates of a backfill were passed over. ``reason`` says why."""

    slot_at: Millis
    next_slot_at: Millis | None
    reason: str = ""


class TriggerBackfillPaused(TriggerEvent, frozen=True, kw_only=True, tag="trigger.backfill_paused.v1"):
    paused: bool
    """False: it goes on."""


class TriggerBackfillEnded(TriggerEvent, frozen=True, kw_only=True, tag="trigger.backfill_ended.v1"):
    """The schedule goes on."""

    finished: bool
    """False: it was deleted, or its schedule is gone."""


class TriggerReset(TriggerEvent, frozen=True, kw_only=True, tag="trigger.reset_done.v1"):
    """The trigger is as it was when it was defined."""

    disabled: bool
    """True if the source or the flow disables it."""
    next_at: Millis | None = None


AnyTriggerEvent: TypeAlias = (
    TriggerDefined
    | TriggerRemoved
    | TriggerFired
    | TriggerSkipped
    | TriggerEvaluating
    | TriggerEvaluated
    | TriggerHeard
    | TriggerUnlocked
    | TriggerDisabledSet
    | TriggerBackfillBegun
    | TriggerBackfillFired
    | TriggerBackfillSkipped
    | TriggerBackfillPaused
    | TriggerBackfillEnded
    | TriggerReset
)
