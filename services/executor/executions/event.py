"""The events in the journal of ``executions``: the public ones, and these private ones. Private events have no ``seq``, because
a public reader must not find gaps. Type and field names are stored: never rename them, add a version and an upcaster."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from contracts.codec import Codec
from contracts.evaluation import Answer, Question
from contracts.execution import (
    AnyExecutionEvent,
    ChildState,
    CommandInParts,
    KillExecution,
    ResumeExecution,
    RunsPart,
)
from contracts.language.types.span import Span
from contracts.message import Message
from contracts.scalars import AttemptId, JsonObject, Millis
from contracts.states import State


class LoopOpened(Message, frozen=True, kw_only=True, tag="execution.loop_opened.v1"):
    """The values of a loop, resolved once. A long list takes several events; ``first`` is the index of an event's first value."""

    execution_id: str
    task_run_id: str
    first: int
    values: list[str]
    body: list[str]
    """Ids of the tasks that run in sequence for each value."""


class FamilyOpened(Message, frozen=True, kw_only=True, tag="execution.family_opened.v1"):
    """The values for which a flowable runs child executions. A long list takes several events."""

    execution_id: str
    task_run_id: str
    first: int
    values: list[str]


class ValuesOpened(Message, frozen=True, kw_only=True, tag="execution.values_opened.v1"):
    """The values of a loop in a short form: the bounds of integers at equal distances, or many values packed."""

    execution_id: str
    task_run_id: str
    body: list[str] | None = None
    """Ids of the tasks that run in sequence for each value. None: a child execution runs for each."""
    span: Span | None = None
    packed: bytes = b""
    """The values as a JSON array, compressed with zlib."""


class ChildBegun(Message, frozen=True, kw_only=True, tag="execution.child_begun.v1"):
    execution_id: str
    task_run_id: str
    index: int
    child_id: str
    awaited: bool = True


class ChildOver(Message, frozen=True, kw_only=True, tag="execution.child_over.v1"):
    """A child ended, or it was started and nobody waits for it."""

    execution_id: str
    task_run_id: str
    index: int
    child_id: str
    state: State
    outputs: JsonObject = {}


class FamilyStopped(Message, frozen=True, kw_only=True, tag="execution.family_stopped.v1"):
    """No more children begin."""

    execution_id: str
    task_run_id: str
    reason: str = ""


class ChildHeld(Message, frozen=True, kw_only=True, tag="execution.child_held.v1"):
    """A child execution was paused, or goes on."""

    execution_id: str
    task_run_id: str
    index: int
    held: bool


class EndUndecided(Message, frozen=True, kw_only=True, tag="execution.end_undecided.v1"):
    """Whether the end of a child stops the others is for a worker to say, or was said. Until then nothing more begins."""

    execution_id: str
    task_run_id: str
    index: int
    undecided: bool


class FamilyWaits(Message, frozen=True, kw_only=True, tag="execution.family_waits.v1"):
    """After a restart, children wait until a worker has rendered the values of their flowable. Empty: they go on."""

    execution_id: str
    task_run_id: str
    children: list[ChildState]


class DeadlineSet(Message, frozen=True, kw_only=True, tag="execution.deadline_set.v1"):
    """A flowable ends at a date, whatever still runs below it."""

    execution_id: str
    task_run_id: str
    then: State
    """FAILED, or SUCCESS: then what runs is cancelled, and does not count."""
    reason: str


class LimitSet(Message, frozen=True, kw_only=True, tag="execution.limit_set.v1"):
    """An expression said how many tasks or children of a flowable run at once. 0: all."""

    execution_id: str
    task_run_id: str
    limit: int


class LevelNoted(Message, frozen=True, kw_only=True, tag="execution.level_noted.v1"):
    """A service level of the flow was violated, or cannot be evaluated. Each is noted once."""

    execution_id: str
    sla_id: str
    violated: bool


class RoundEnded(Message, frozen=True, kw_only=True, tag="execution.round_ended.v1"):
    """A round of a flowable ended, and it waits in RUNNING for the next one."""

    execution_id: str
    task_run_id: str
    until: Millis


class RoundsOver(Message, frozen=True, kw_only=True, tag="execution.rounds_over.v1"):
    """The last round of a flowable ended, or its deadline is over. ``then`` is its state, unless its tasks give a worse one."""

    execution_id: str
    task_run_id: str
    then: State


class PartKept(Message, frozen=True, kw_only=True, tag="execution.part_kept.v1"):
    """Task runs that a later command will need."""

    part: RunsPart
    at: Millis


class TransferDropped(Message, frozen=True, kw_only=True, tag="execution.transfer_dropped.v1"):
    """Nobody needs these task runs any more."""

    transfer_id: str


class RestoreBegun(Message, frozen=True, kw_only=True, tag="execution.restore_begun.v1"):
    """The execution gets its task runs over several steps, and nothing else happens to it meanwhile."""

    execution_id: str
    command: CommandInParts
    at: Millis
    asks: bool = False
    """A worker has to say something about its inputs before it begins."""


class RestoreEnded(Message, frozen=True, kw_only=True, tag="execution.restore_ended.v1"):
    """It has all its task runs."""

    execution_id: str


Purpose: TypeAlias = Literal["begin", "reopen", "look", "resume", "inputs", "outputs"]
"""What goes on with the answers: a run begins, a loop opens again after a restart, a flowable goes on, a pause ends, the execution
begins, or it ends."""


class Ending(msgspec.Struct, frozen=True, array_like=True):
    """How an execution is about to end."""

    state: State
    reason: str = ""


class EvaluationAsked(Message, frozen=True, kw_only=True, tag="execution.evaluation_asked.v1"):
    """Templates are with dispatch, because only a worker can render them. The run, or the execution, waits."""

    execution_id: str
    task_run_id: str
    """Empty: the templates are those of the flow itself."""
    evaluation_id: str
    """Stands for a task run in the attempt and in its answer."""
    attempt: int
    purpose: Purpose
    group: str
    questions: list[Question]
    ending: Ending | None = None
    """With purpose ``outputs``."""
    command: ResumeExecution | None = None
    """With purpose ``resume``."""


class EvaluationLost(Message, frozen=True, kw_only=True, tag="execution.evaluation_lost.v1"):
    """Its worker is gone. The templates are asked again, with the next number."""

    execution_id: str
    task_run_id: str


class EvaluationAnswered(Message, frozen=True, kw_only=True, tag="execution.evaluation_answered.v1"):
    execution_id: str
    task_run_id: str
    answers: list[Answer]


class EvaluationClosed(Message, frozen=True, kw_only=True, tag="execution.evaluation_closed.v1"):
    """The run or the execution went on, or ended. Nobody needs the answers any more."""

    execution_id: str
    task_run_id: str


class DirectoryAsked(Message, frozen=True, kw_only=True, tag="execution.directory_asked.v1"):
    """A step of a shared directory is with dispatch: a worker makes it, or keeps its files."""

    execution_id: str
    task_run_id: str
    attempt: int
    """The number of the step, which alone may be answered."""
    step: Literal["enter", "leave"]
    group: str
    then: State | None = None
    """With ``leave``: the state that the tasks gave to the run."""


class DirectoryEntered(Message, frozen=True, kw_only=True, tag="execution.directory_entered.v1"):
    """The directory is on this worker. The tasks begin."""

    execution_id: str
    task_run_id: str
    worker_id: str


class DirectoryGone(Message, frozen=True, kw_only=True, tag="execution.directory_gone.v1"):
    """The directory is lost with its worker."""

    execution_id: str
    task_run_id: str
    attempt: int
    """The highest number that was used for it."""


class AfterExecutionDue(Message, frozen=True, kw_only=True, tag="execution.after_due.v1"):
    """The execution is about to end, but stays in memory, because tasks of ``afterExecution`` or of listeners follow."""

    execution_id: str
    heard: list[int] = []
    """Numbers of the listeners whose conditions hold."""


class ExecutionEnding(Message, frozen=True, kw_only=True, tag="execution.ending.v1"):
    """The execution ends together with its open runs, over several steps. Nothing else happens to it any more."""

    execution_id: str
    state: State
    """Of the execution."""
    runs: State
    """Of its open runs."""
    reason: str = ""
    retried: str | None = None
    """The run that failed and whose policy starts another execution. The runs above it end RETRIED."""
    successor_at: Millis | None = None
    """The date of that execution."""
    exited: str | None = None
    """The run that ended the execution on purpose. The runs above it end in the state of the execution."""
    outputs: bool = False
    """Whether the outputs of the flow are rendered."""
    spares: bool = False
    """Whether flows go on that its tasks started."""


class ExecutionClosed(Message, frozen=True, kw_only=True, tag="execution.closed.v1"):
    """The last task of ``afterExecution`` ended. Nothing follows."""

    execution_id: str
    at: Millis


class KillRemembered(Message, frozen=True, kw_only=True, tag="execution.kill_remembered.v1"):
    """A kill that was read before its start."""

    command: KillExecution
    at: Millis


class KillForgotten(Message, frozen=True, kw_only=True, tag="execution.kill_forgotten.v1"):
    """The start came, or did not come in time."""

    execution_id: str


class LeaseTaken(Message, frozen=True, kw_only=True, tag="execution.lease_taken.v1"):
    """This partition may have so many light attempts at a worker at a time."""

    group: str
    lease: int
    worker_id: str
    inbox: int
    session: str
    slots: int


class LeaseClosed(Message, frozen=True, kw_only=True, tag="execution.lease_closed.v1"):
    """Nothing more is sent under it."""

    group: str
    lease: int
    reason: str


class AttemptLeased(Message, frozen=True, kw_only=True, tag="execution.attempt_leased.v1"):
    """The attempt of a task run, or of an evaluation, has a place under a lease."""

    execution_id: str
    task_run_id: str
    attempt: int
    group: str
    lease: int


class AttemptStopping(Message, frozen=True, kw_only=True, tag="execution.attempt_stopping.v1"):
    """Its worker was asked to stop it."""

    key: AttemptId


class AttemptFreed(Message, frozen=True, kw_only=True, tag="execution.attempt_freed.v1"):
    """Its place is free again."""

    key: AttemptId


PrivateEvent: TypeAlias = (
    LoopOpened
    | FamilyOpened
    | ValuesOpened
    | ChildBegun
    | ChildOver
    | FamilyStopped
    | ChildHeld
    | EndUndecided
    | FamilyWaits
    | LevelNoted
    | LimitSet
    | DeadlineSet
    | RoundEnded
    | RoundsOver
    | EvaluationAsked
    | EvaluationLost
    | EvaluationAnswered
    | EvaluationClosed
    | DirectoryAsked
    | DirectoryEntered
    | DirectoryGone
    | AfterExecutionDue
    | ExecutionEnding
    | ExecutionClosed
    | KillRemembered
    | KillForgotten
    | PartKept
    | TransferDropped
    | RestoreBegun
    | RestoreEnded
    | LeaseTaken
    | LeaseClosed
    | AttemptLeased
    | AttemptStopping
    | AttemptFreed
)
JournalEvent: TypeAlias = AnyExecutionEvent | PrivateEvent
JOURNAL: Codec[JournalEvent] = Codec(JournalEvent)
