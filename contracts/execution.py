"""Commands and events of one execution. Type names, field names and their meaning are stored and public.

All commands for an execution are keyed by its id. Events of one execution are numbered from 1 without a gap (``seq``):
a reader that has seen ``seq`` n drops any event with a lower or equal number. ``at`` is always :data:`Millis`.

Commands, which anyone may write, bound what they hold; events and what is in them never do: a bound that is added or
tightened would make journals unreadable that were written before.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from contracts.message import Message
from contracts.scalars import Count, GivenMillis, Id, JsonObject, Millis, Name, Text
from contracts.states import State


class TriggerRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What started an execution, and the variables that expressions read as ``trigger.*``."""

    id: str
    type: str
    variables: JsonObject = {}


class StartExecution(Message, frozen=True, kw_only=True, tag="execution.start.v1"):
    """Wish that an execution exist. The same ``execution_id`` again changes nothing. Written by anyone."""

    execution_id: Id
    namespace: Name
    flow_id: Name
    at: GivenMillis
    """When it was wished; a start older than the idempotency window is refused, not run again."""
    revision: Count | None = None
    """None: the latest revision that the executor knows."""
    inputs: JsonObject = {}
    """Raw values: the executor resolves defaults and types; what does not fit makes a FAILED execution."""
    labels: dict[str, str] = {}
    trigger: TriggerRef | None = None
    flows_position: int = -1
    """Offset in ``flows.state`` that the writer had read: the executor waits until it has read as far."""
    parent_id: Id | None = None
    original_id: Id | None = None
    scheduled_at: GivenMillis | None = None
    kind: Literal["NORMAL", "TEST", "PLAYGROUND"] = "NORMAL"
    attempt_number: Count = 1
    """Counts the executions of one chain of flow-level retries."""
    trigger_key: Text | None = None
    """Set when a trigger is locked until this execution ends: the executor then tells ``triggers.commands``."""
    trace_parent: Text | None = None
    failure: str = ""
    """Not empty: what starts it could not render its inputs or labels (they are sent as written). The execution is created
    and FAILED with this reason."""


class KillExecution(Message, frozen=True, kw_only=True, tag="execution.kill.v1"):
    execution_id: Id
    at: GivenMillis
    request_id: Text | None = None


class RestartExecution(Message, frozen=True, kw_only=True, tag="execution.restart.v1"):
    """Run the failed part of an ended execution again, under the same id."""

    execution_id: Id
    at: GivenMillis
    request_id: Text | None = None
    record: ExecutionRecord | None = None
    """The execution as projected: an ended one has left the executor's memory. Required for it."""


class AttemptStarted(Message, frozen=True, kw_only=True, tag="attempt.started.v1"):
    """From a worker, when an attempt is still running after a moment. Short ones report only their end."""

    execution_id: str
    task_run_id: str
    attempt: int
    worker_id: str
    at: GivenMillis


Outcome: TypeAlias = Literal["succeeded", "warned", "failed", "timed_out", "cancelled", "lost"]


class AttemptEnded(Message, frozen=True, kw_only=True, tag="attempt.ended.v1"):
    """The one outcome of an attempt, from its worker, or from dispatch when the worker is lost."""

    execution_id: str
    task_run_id: str
    attempt: int
    outcome: Outcome
    at: GivenMillis
    worker_id: str = ""
    started_at: GivenMillis | None = None
    outputs: JsonObject = {}
    outputs_uri: str | None = None
    """Outputs over 16 KiB stand in internal storage; ``outputs`` is then empty."""
    message: str = ""
    """Why it did not succeed, for people."""


class SlotGranted(Message, frozen=True, kw_only=True, tag="slot.granted.v1"):
    execution_id: str
    limit_key: str
    at: Millis


class SlotQueued(Message, frozen=True, kw_only=True, tag="slot.queued.v1"):
    execution_id: str
    limit_key: str
    at: Millis


class SlotRefused(Message, frozen=True, kw_only=True, tag="slot.refused.v1"):
    execution_id: str
    limit_key: str
    behavior: Literal["CANCEL", "FAIL"]
    at: Millis


ExecutionCommand: TypeAlias = (
    KillExecution | RestartExecution | AttemptStarted | AttemptEnded | SlotGranted | SlotQueued | SlotRefused
)


class ExecutionEvent(Message, frozen=True, kw_only=True):
    execution_id: str
    seq: int
    at: Millis


class ExecutionCreated(ExecutionEvent, frozen=True, kw_only=True, tag="execution.created.v1"):
    namespace: str
    flow_id: str
    revision: int
    inputs: JsonObject = {}
    labels: dict[str, str] = {}
    trigger: TriggerRef | None = None
    parent_id: str | None = None
    original_id: str | None = None
    scheduled_at: Millis | None = None
    kind: str = "NORMAL"
    attempt_number: int = 1
    trigger_key: str | None = None
    limit_key: str | None = None
    """The concurrency limit under which it runs, if any."""
    trace_parent: str | None = None


class ExecutionQueued(ExecutionEvent, frozen=True, kw_only=True, tag="execution.queued.v1"):
    """Waits for a concurrency slot."""


class ExecutionStarted(ExecutionEvent, frozen=True, kw_only=True, tag="execution.started.v1"):
    """Turned RUNNING: the first time, with a slot after the queue, or after a restart or retry delay."""


class ExecutionRetrying(ExecutionEvent, frozen=True, kw_only=True, tag="execution.retrying.v1"):
    """Nothing runs but delays before next attempts."""


class ExecutionKilling(ExecutionEvent, frozen=True, kw_only=True, tag="execution.killing.v1"):
    pass


class ExecutionRestarted(ExecutionEvent, frozen=True, kw_only=True, tag="execution.restarted.v1"):
    """Runs again from what failed: ``removed`` task runs are gone, ``task_runs`` carries those kept, as they now are."""

    attempt_number: int
    removed: list[str] = []
    record: ExecutionRecord | None = None


class ExecutionEnded(ExecutionEvent, frozen=True, kw_only=True, tag="execution.ended.v1"):
    """The last event of an execution, unless it is restarted."""

    state: State
    outputs: JsonObject = {}
    reason: str = ""


class TaskRunCreated(ExecutionEvent, frozen=True, kw_only=True, tag="taskrun.created.v1"):
    """``state`` CREATED (something is awaited before it can run), SUBMITTED (attempt 1 was dispatched) or RUNNING (flowable)."""

    task_run_id: str
    task_id: str
    state: State = State.CREATED
    parent_task_run_id: str | None = None
    value: str | None = None
    iteration: int | None = None
    outputs: JsonObject = {}
    """A flowable's own outputs, known at its start (``evaluationResult`` …)."""


class TaskRunSubmitted(ExecutionEvent, frozen=True, kw_only=True, tag="taskrun.submitted.v1"):
    """A (further) attempt was handed to dispatch."""

    task_run_id: str
    attempt: int


class TaskRunStarted(ExecutionEvent, frozen=True, kw_only=True, tag="taskrun.started.v1"):
    """An attempt began on a worker; ``started_at`` is the worker's clock."""

    task_run_id: str
    attempt: int
    started_at: Millis
    worker_id: str = ""


class TaskRunRetrying(ExecutionEvent, frozen=True, kw_only=True, tag="taskrun.retrying.v1"):
    """Attempt ``attempt`` did not succeed; the next one is due at ``next_at``."""

    task_run_id: str
    attempt: int
    outcome: Outcome
    ended_at: Millis
    next_at: Millis
    message: str = ""


class TaskRunEnded(ExecutionEvent, frozen=True, kw_only=True, tag="taskrun.ended.v1"):
    task_run_id: str
    state: State
    attempt: int = 0
    """0: no attempt was made (flowables, SKIPPED, killed before dispatch)."""
    ended_at: Millis | None = None
    outputs: JsonObject = {}
    outputs_uri: str | None = None
    message: str = ""


AnyExecutionEvent: TypeAlias = (
    ExecutionCreated
    | ExecutionQueued
    | ExecutionStarted
    | ExecutionRetrying
    | ExecutionKilling
    | ExecutionRestarted
    | ExecutionEnded
    | TaskRunCreated
    | TaskRunSubmitted
    | TaskRunStarted
    | TaskRunRetrying
    | TaskRunEnded
)


class History(msgspec.Struct, frozen=True, array_like=True):
    """One place of a state history: state and instant."""

    state: State
    at: Millis


class AttemptRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    number: int
    worker_id: str = ""
    histories: list[History] = []


class TaskRunRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A task run as a whole: what snapshots hold and a restart carries."""

    id: str
    task_id: str
    parent_id: str | None = None
    value: str | None = None
    iteration: int | None = None
    histories: list[History] = []
    attempts: list[AttemptRecord] = []
    outputs: JsonObject = {}
    outputs_uri: str | None = None


class ExecutionRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """An execution as a whole."""

    id: str
    namespace: str
    flow_id: str
    revision: int
    seq: int
    histories: list[History]
    inputs: JsonObject = {}
    labels: dict[str, str] = {}
    trigger: TriggerRef | None = None
    parent_id: str | None = None
    original_id: str | None = None
    scheduled_at: Millis | None = None
    kind: str = "NORMAL"
    attempt_number: int = 1
    trigger_key: str | None = None
    limit_key: str | None = None
    trace_parent: str | None = None
    outputs: JsonObject = {}
    task_runs: list[TaskRunRecord] = []
