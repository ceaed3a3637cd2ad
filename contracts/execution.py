"""Commands and events of one execution. Type names, field names and their meaning are stored and public.

The key of every command is the execution id. The events of one execution are numbered from 1 without a gap (``seq``):
a reader that has seen ``seq`` n drops any event with a lower or equal number. ``at`` is always :data:`Millis`.

Anyone may write commands, so their fields have bounds. Events and their parts have none: a new or tighter bound would make
older journals unreadable.
"""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec
from msgspec import Meta

from contracts.evaluation import Answer
from contracts.message import Message
from contracts.polling import FoundEvent
from contracts.scalars import Count, GivenMillis, Id, JsonObject, Millis, Name, Text
from contracts.states import State

MOST_BREAKPOINTS = 100
"""Of one execution."""


class TriggerRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What started an execution, and the variables that expressions read as ``trigger.*``."""

    id: str
    type: str
    variables: JsonObject = {}
    depth: int = 0
    """How many Flow triggers started one another, up to this execution."""


class Iteration(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The value of a loop that a child execution runs for, and what its templates see from outside."""

    task_id: str
    """The loop."""
    value: str
    index: int
    key: str | None = None
    """Set if the loop runs over a map."""
    parents: list[JsonObject] = []
    """``item`` of the loops around it, the closest first."""
    outputs: JsonObject = {}
    """Of the tasks before the loop."""
    execution: JsonObject = {}
    """``execution`` of the execution around all loops. Empty in records of before: that of the iteration itself."""
    stored: bool = False
    """Whether its declared outputs go to a file, and only ``uri`` stays."""


class ParentRef(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The task run that started this execution."""

    execution_id: str
    task_run_id: str
    index: int = 0
    """Among the children of this task run."""
    attempt: int = 1
    """Of this task run. Only children of its present attempt count."""
    depth: int = 1
    """How many executions are above it."""
    waits: bool = True
    """Whether the task run waits for the end."""
    iteration: Iteration | None = None
    """None: the execution runs a flow. Else it runs the tasks of a loop."""


class StartExecution(Message, frozen=True, kw_only=True, tag="execution.start.v1"):
    """Start an execution. Anyone may write this. Sending the same ``execution_id`` again changes nothing."""

    execution_id: Id
    namespace: Name
    flow_id: Name
    at: GivenMillis
    """When the start was requested. If its record is a day younger or waits for a day, the execution fails with that reason."""
    revision: Count | None = None
    """None: the latest revision that the executor knows."""
    inputs: JsonObject = {}
    """Raw values. The executor resolves defaults and types; inputs that do not fit give a FAILED execution."""
    labels: dict[str, str] = {}
    trigger: TriggerRef | None = None
    flows_position: int = -1
    """How far the writer had read ``flows.state``. The executor waits until it has read that record, too."""
    parent_id: Id | None = None
    original_id: Id | None = None
    scheduled_at: GivenMillis | None = None
    kind: Literal["NORMAL", "TEST", "PLAYGROUND", "LOOP"] = "NORMAL"
    attempt_number: Count = 1
    """Counts the executions of one chain of flow-level retries."""
    trigger_key: Text | None = None
    """Set when this execution locks a trigger. The executor then reports its end on ``triggers.commands``."""
    trace_parent: Text | None = None
    failure: str = ""
    """Not empty: the inputs or labels could not be rendered, and are sent as written. The executor creates the execution and
    fails it with this reason."""
    replay: Replay | None = None
    """It begins with task runs of another execution."""
    variables: JsonObject | None = None
    """Of the execution that it repeats. None: those of the flow."""
    parent: ParentRef | None = None
    breakpoints: Annotated[list[Text], Meta(max_length=MOST_BREAKPOINTS)] = []
    """The execution stops before each of these tasks: `task`, or `task.value` for one value of a loop."""


class Replay(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a replay takes over. ``executions.starts`` refuses it, because only a service may say this."""

    record: ExecutionRecord
    """The execution as projected."""
    task_run_id: str | None = None
    """The run that runs again, with everything after it. None: the runs that failed, as in a restart."""


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
    """The execution as projected. Required for an ended execution, because the executor no longer holds it."""
    children: list[ChildState] = []
    """The ended children of task runs that run again. Those that ended well are not repeated."""
    task_run_id: Text | None = None
    """With ``state``: this run gets that state, and the execution goes on from it. Nothing else runs again."""
    state: State | None = None


class ChildState(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A child of an ended execution, for its restart."""

    id: str
    task_run_id: str
    index: int
    state: State
    outputs: JsonObject = {}
    record: ExecutionRecord | None = None
    """Set if it did not end well, and is restarted together with its parent."""


class RunsPart(Message, frozen=True, kw_only=True, tag="execution.runs_part.v1"):
    """Some task runs of an execution that is too large for one record. Several parts, then the command that needs them, follow each other
    on one topic. The executor keeps them for some minutes."""

    execution_id: Id
    """Of the command. A replay has a new one."""
    transfer_id: Id
    """The same in all parts of one command."""
    number: int
    """From 0."""
    at: GivenMillis
    runs: list[TaskRunRecord]


class CommandInParts(Message, frozen=True, kw_only=True, tag="execution.in_parts.v1"):
    """A restart or a replay whose record has no task runs, because the parts before it have them, in their order. Nothing happens
    unless all parts are there."""

    execution_id: Id
    transfer_id: Id
    parts: int
    at: GivenMillis
    restart: RestartExecution | None = None
    start: StartExecution | None = None
    """With ``replay``."""


class UnqueueExecution(Message, frozen=True, kw_only=True, tag="execution.unqueue.v1"):
    """Take an execution out of its queue: run it whatever the limit, or end it in ``state``."""

    execution_id: Id
    at: GivenMillis
    request_id: Text | None = None
    state: State = State.RUNNING
    """RUNNING, CANCELLED or FAILED."""
    force: bool = False
    """Run also what waits for its date, and resume what is paused."""


class EditExecution(Message, frozen=True, kw_only=True, tag="execution.edit.v1"):
    """Change labels, or the final state, of an execution. Nothing runs because of it."""

    execution_id: Id
    at: GivenMillis
    request_id: Text | None = None
    record: ExecutionRecord | None = None
    """The execution as projected, without its task runs. Required for an ended one, because the executor no longer holds it."""
    labels: dict[str, str] | None = None
    """All labels that it is to have, or None to keep them. Those of the system stay as they are, unless they are in ``marks``."""
    marks: dict[str, str] = {}
    """Labels of the system to add."""
    state: State | None = None
    """Another final state of an ended execution."""


class DeleteExecution(Message, frozen=True, kw_only=True, tag="execution.delete.v1"):
    """Forget an ended execution, as if it had never been. One that is open, or changed since its record was read, stays."""

    execution_id: Id
    at: GivenMillis
    request_id: Text | None = None
    record: ExecutionRecord | None = None
    """The execution as projected, without its task runs. Required, because the executor no longer holds it."""
    logs: bool = True
    """Whether its log lines go, too."""
    metrics: bool = True


class PauseExecution(Message, frozen=True, kw_only=True, tag="execution.pause.v1"):
    """Begin nothing more in a RUNNING execution until it is resumed. What runs goes on."""

    execution_id: Id
    at: GivenMillis
    request_id: Text | None = None


class ResumeExecution(Message, frozen=True, kw_only=True, tag="execution.resume.v1"):
    """Let a PAUSED execution go on. It resumes its first paused task run, and ends a pause of the whole execution."""

    execution_id: Id
    at: GivenMillis
    request_id: Text | None = None
    inputs: JsonObject = {}
    """Raw values of what the task asks for in ``onResume``. The executor resolves defaults and types."""
    by: Text = ""
    """Who resumes it, for the task's output ``resumed``. Empty if nobody in particular."""


class ResumeFromBreakpoint(Message, frozen=True, kw_only=True, tag="execution.resume_from_breakpoint.v1"):
    """Let an execution in the state BREAKPOINT go on, with the task runs that stopped there."""

    execution_id: Id
    at: GivenMillis
    request_id: Text | None = None
    breakpoints: Annotated[list[Text], Meta(max_length=MOST_BREAKPOINTS)] = []
    """Those from here on. Empty: there are none any more."""


class ChildEnded(Message, frozen=True, kw_only=True, tag="execution.child_ended.v1"):
    """From the executor of a child execution to that of its parent."""

    execution_id: str
    """Of the parent."""
    task_run_id: str
    index: int
    child_id: str
    state: State
    at: Millis
    outputs: JsonObject = {}
    reason: str = ""
    attempt: int = 1


class ChildPaused(Message, frozen=True, kw_only=True, tag="execution.child_paused.v1"):
    """From the executor of a child execution to that of its parent: the child is paused, or goes on."""

    execution_id: str
    """Of the parent."""
    task_run_id: str
    index: int
    child_id: str
    paused: bool
    at: Millis
    attempt: int = 1


class AttemptStarted(Message, frozen=True, kw_only=True, tag="attempt.started.v1"):
    """From a worker to the address of the attempt, which has been running for a moment. Short attempts report only their end."""

    execution_id: str
    task_run_id: str
    attempt: int
    worker_id: str
    at: GivenMillis


class ErrorLine(msgspec.Struct, frozen=True, array_like=True):
    """A line of level ERROR in the log of an attempt, shortened."""

    at: Millis
    message: str


Outcome: TypeAlias = Literal["succeeded", "warned", "failed", "timed_out", "cancelled", "lost"]


class AttemptEnded(Message, frozen=True, kw_only=True, tag="attempt.ended.v1"):
    """The one outcome of an attempt, at its address. Its worker sends it, or dispatch does when the worker is lost."""

    execution_id: str
    task_run_id: str
    attempt: int
    outcome: Outcome
    at: GivenMillis
    worker_id: str = ""
    started_at: GivenMillis | None = None
    outputs: JsonObject = {}
    outputs_uri: str | None = None
    """Set when the outputs exceed 16 KiB: they are in internal storage, and ``outputs`` is empty."""
    message: str = ""
    """For people: why the attempt did not succeed."""
    errors: list[ErrorLine] = []
    """The last ones, if it did not succeed. ``errorLogs()`` reads them."""
    unserved: bool = False
    """Its group had no worker, and the attempt was not to wait for one. The outcome is ``failed``."""
    log_uri: str | None = None
    """Its log in internal storage, if the task asks for a file instead of the log store."""
    answers: list[Answer] = []
    """Of an evaluate attempt that succeeded: one for each question, in their order."""
    found: list[FoundEvent] = []
    """Of a poll that succeeded: what starts executions, in its order."""


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


class CheckExecution(Message, frozen=True, kw_only=True, tag="execution.check.v1"):
    """A slot or a lock is held for this execution. If it is not open, its release was lost: give it back.

    It is on the topic of starts, so that no start which is still to be decided passes for an execution that is over."""

    execution_id: str
    at: Millis
    limit_key: str | None = None
    trigger_key: str | None = None


AttemptReport: TypeAlias = AttemptStarted | AttemptEnded
"""What a worker may say about an execution. On a topic of its own, which takes nothing else."""
ExecutionCommand: TypeAlias = (
    KillExecution
    | RestartExecution
    | PauseExecution
    | ResumeExecution
    | ResumeFromBreakpoint
    | UnqueueExecution
    | EditExecution
    | DeleteExecution
    | ChildEnded
    | ChildPaused
    | SlotGranted
    | SlotQueued
    | SlotRefused
    | RunsPart
    | CommandInParts
)
"""What only services say."""
AdmittedMessage: TypeAlias = StartExecution | CheckExecution | RunsPart | CommandInParts
EarlierCommand: TypeAlias = ExecutionCommand | AttemptReport
"""What may still stand on the topic of commands from before reports had their own."""


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
    """The concurrency limit that applies, if any."""
    trace_parent: str | None = None
    variables: JsonObject | None = None
    """None: those of the flow."""
    parent: ParentRef | None = None
    breakpoints: list[str] = []


class ExecutionPrepared(ExecutionEvent, frozen=True, kw_only=True, tag="execution.prepared.v1"):
    """The inputs have their types. This event comes only if that needed values from a worker; ``execution.created.v1`` then has the
    inputs as given."""

    inputs: JsonObject = {}


class ExecutionQueued(ExecutionEvent, frozen=True, kw_only=True, tag="execution.queued.v1"):
    """The execution waits for a concurrency slot."""


class ExecutionStarted(ExecutionEvent, frozen=True, kw_only=True, tag="execution.started.v1"):
    """The execution turned RUNNING: for the first time, with a slot after QUEUED, or after a restart or a retry delay."""


class ExecutionRetrying(ExecutionEvent, frozen=True, kw_only=True, tag="execution.retrying.v1"):
    """Only delays before next attempts are left; no task runs."""


class ExecutionPaused(ExecutionEvent, frozen=True, kw_only=True, tag="execution.paused.v1"):
    """A task run waits to be resumed, or the whole execution was paused. Other branches of the flow may go on."""

    held: bool = False
    """The whole execution was paused: nothing begins until it is resumed."""


class ExecutionResumed(ExecutionEvent, frozen=True, kw_only=True, tag="execution.resumed.v1"):
    """The last pause is over. The execution turned RESTARTED, and goes on with its next event."""


class ExecutionSuspended(ExecutionEvent, frozen=True, kw_only=True, tag="execution.suspended.v1"):
    """A task run stopped at a breakpoint. The execution turned BREAKPOINT, and nothing begins until it is resumed from there."""


class ExecutionKilling(ExecutionEvent, frozen=True, kw_only=True, tag="execution.killing.v1"):
    pass


class ExecutionRestarted(ExecutionEvent, frozen=True, kw_only=True, tag="execution.restarted.v1"):
    """The failed part runs again. ``removed`` task runs are gone; ``record`` holds those kept, in their new state."""

    attempt_number: int
    removed: list[str] = []
    record: ExecutionRecord | None = None
    continued: bool = False
    """There are more task runs than one record holds: ``execution.runs_restored.v1`` follow before anything runs."""


class RunsRestored(ExecutionEvent, frozen=True, kw_only=True, tag="execution.runs_restored.v1"):
    """More task runs of the restart or replay before: those that are ``removed``, and those kept, in their new state."""

    removed: list[str] = []
    runs: list[TaskRunRecord] = []
    since: Millis
    """The date of the restart."""


class ExecutionUpdated(ExecutionEvent, frozen=True, kw_only=True, tag="execution.updated.v1"):
    """Its labels, variables or breakpoints changed. Each is whole; None: they stay."""

    labels: dict[str, str] | None = None
    variables: JsonObject | None = None
    breakpoints: list[str] | None = None


class ExecutionStateChanged(ExecutionEvent, frozen=True, kw_only=True, tag="execution.state_changed.v1"):
    """Somebody gave another final state to an ended execution."""

    state: State


class ExecutionEnded(ExecutionEvent, frozen=True, kw_only=True, tag="execution.ended.v1"):
    """The last event of an execution, unless it is restarted, changed by hand or deleted."""

    state: State
    outputs: JsonObject = {}
    reason: str = ""


class ExecutionDeleted(ExecutionEvent, frozen=True, kw_only=True, tag="execution.deleted.v1"):
    """Somebody deleted an ended execution. Readers forget it, with everything that they know of its task runs."""


class TaskRunCreated(ExecutionEvent, frozen=True, kw_only=True, tag="taskrun.created.v1"):
    """``state`` is CREATED (it waits before it can run), SUBMITTED (attempt 1 is dispatched) or RUNNING (a flowable)."""

    task_run_id: str
    task_id: str
    state: State = State.CREATED
    parent_task_run_id: str | None = None
    value: str | None = None
    iteration: int | None = None
    outputs: JsonObject = {}
    """A flowable's own outputs that are known at its start (``evaluationResult`` …)."""
    group: str = ""
    """The worker group of attempt 1. Empty: that of tasks which name none."""


class TaskRunOpened(ExecutionEvent, frozen=True, kw_only=True, tag="taskrun.opened.v1"):
    """A flowable that was CREATED, because it waited for values that only a worker can get, turned RUNNING."""

    task_run_id: str
    outputs: JsonObject = {}
    """As in ``taskrun.created.v1``."""


class TaskRunSubmitted(ExecutionEvent, frozen=True, kw_only=True, tag="taskrun.submitted.v1"):
    """An attempt, the first or a later one, was handed to dispatch."""

    task_run_id: str
    attempt: int
    group: str = ""
    """Its worker group. Empty: that of tasks which name none."""


class TaskRunStarted(ExecutionEvent, frozen=True, kw_only=True, tag="taskrun.started.v1"):
    """An attempt began on a worker. ``started_at`` is the worker's clock."""

    task_run_id: str
    attempt: int
    started_at: Millis
    worker_id: str = ""


class TaskRunRetrying(ExecutionEvent, frozen=True, kw_only=True, tag="taskrun.retrying.v1"):
    """Attempt ``attempt`` did not succeed. The next one is due at ``next_at``."""

    task_run_id: str
    attempt: int
    outcome: Outcome
    ended_at: Millis
    next_at: Millis
    message: str = ""
    errors: list[ErrorLine] = []
    """The last lines of level ERROR in the log of the attempt."""
    log_uri: str | None = None
    """Of the attempt: its log in internal storage."""


class TaskRunPaused(ExecutionEvent, frozen=True, kw_only=True, tag="taskrun.paused.v1"):
    """The task run waits: until somebody resumes it, or until a date."""

    task_run_id: str
    until: Millis | None = None
    then: State = State.SUCCESS
    """The state that the date gives to it. SUCCESS: the date resumes it."""


class TaskRunSuspended(ExecutionEvent, frozen=True, kw_only=True, tag="taskrun.suspended.v1"):
    """The run stopped at a breakpoint before it began."""

    task_run_id: str


class TaskRunResumed(ExecutionEvent, frozen=True, kw_only=True, tag="taskrun.resumed.v1"):
    """The pause of a task run is over."""

    task_run_id: str
    outputs: JsonObject = {}
    then: State = State.SUCCESS
    """The state in which it will end unless its tasks give a worse one."""


class TaskRunRepeated(ExecutionEvent, frozen=True, kw_only=True, tag="taskrun.repeated.v1"):
    """A loop until a condition begins its next round. The ``removed`` task runs of the last round, all below it, are gone."""

    task_run_id: str
    removed: list[str]
    outputs: JsonObject = {}


class TaskRunEnded(ExecutionEvent, frozen=True, kw_only=True, tag="taskrun.ended.v1"):
    task_run_id: str
    state: State
    attempt: int = 0
    """0: there was no attempt (flowables, SKIPPED, killed before dispatch)."""
    ended_at: Millis | None = None
    outputs: JsonObject = {}
    outputs_uri: str | None = None
    message: str = ""
    errors: list[ErrorLine] = []
    """The last lines of level ERROR in the log of the attempt."""
    log_uri: str | None = None
    """Of the last attempt: its log in internal storage."""
    outcome: Outcome | None = None
    """How the last attempt ended, where the run ended otherwise: a failure that is allowed, or a success after a retry."""


AnyExecutionEvent: TypeAlias = (
    ExecutionCreated
    | ExecutionPrepared
    | ExecutionQueued
    | ExecutionStarted
    | ExecutionRetrying
    | ExecutionPaused
    | ExecutionResumed
    | ExecutionSuspended
    | ExecutionKilling
    | ExecutionRestarted
    | RunsRestored
    | ExecutionUpdated
    | ExecutionStateChanged
    | ExecutionEnded
    | ExecutionDeleted
    | TaskRunCreated
    | TaskRunOpened
    | TaskRunSubmitted
    | TaskRunStarted
    | TaskRunRetrying
    | TaskRunPaused
    | TaskRunResumed
    | TaskRunSuspended
    | TaskRunRepeated
    | TaskRunEnded
)


class History(msgspec.Struct, frozen=True, array_like=True):
    """One entry of a state history: state and instant."""

    state: State
    at: Millis


class AttemptRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    number: int
    worker_id: str = ""
    histories: list[History] = []
    log_uri: str | None = None
    """Its log in internal storage. None: its lines are in the log store."""


class TaskRunRecord(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A whole task run, as snapshots hold it and a restart carries it."""

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
    """A whole execution."""

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
    variables: JsonObject | None = None
    parent: ParentRef | None = None
    outputs: JsonObject = {}
    task_runs: list[TaskRunRecord] = []
    breakpoints: list[str] = []
