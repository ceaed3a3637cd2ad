"""Attempts between executor, dispatch and workers. Outcomes go to the address that the attempt carries."""

from __future__ import annotations

from typing import Annotated, Literal, TypeAlias

import msgspec

from contracts.address import ReplyTo
from contracts.evaluation import Question
from contracts.message import Message
from contracts.polling import Poll
from contracts.scalars import Count, GivenMillis, JsonObject, Millis, Text


class AttemptKey(msgspec.Struct, frozen=True, array_like=True):
    task_run_id: str
    attempt: int


class LeaseRef(msgspec.Struct, frozen=True, array_like=True):
    """The lease under which an attempt is sent."""

    number: int
    """Counts the leases of a worker group."""
    session: str
    """The worker's session for which it was lent. In another session the worker does not begin the attempt."""


class HeldAttempt(msgspec.Struct, frozen=True, array_like=True):
    """An attempt under a lease that a worker has begun, and whose end is not acknowledged."""

    lease: Count
    execution_id: str
    task_run_id: str
    attempt: int


class OutputReference(msgspec.Struct, frozen=True, array_like=True):
    """The place of a large output in the variables, and its address in internal storage."""

    path: list[str]
    uri: str


DirectoryStep: TypeAlias = Literal["use", "enter", "leave", "discard"]
"""``enter`` makes a directory and fills it, ``leave`` keeps files of it and removes it, ``discard`` removes it. All between ``use`` it."""


class Directory(msgspec.Struct, frozen=True, array_like=True):
    """A working directory that attempts share. It is on the worker where it was entered, and nowhere else."""

    id: str
    step: DirectoryStep = "use"


class RunAttempt(Message, frozen=True, kw_only=True, tag="attempt.run.v1"):
    """All that a worker needs for one attempt. The worker renders the properties."""

    execution_id: str
    task_run_id: str
    attempt: int
    namespace: str
    flow_id: str
    revision: int
    task_id: str
    task_type: str
    task: msgspec.Raw
    """The task as a JSON object: ``{properties, logLevel, logToFile, allowFailure, allowWarning …}``, merged with plugin defaults."""
    variables: JsonObject
    """Always execution, flow, task and taskrun. Of inputs, outputs, vars, labels, trigger …, only what the task's templates read."""
    references: list[OutputReference] = []
    timeout_template: str | None = None
    """Limit on one attempt's duration. The worker renders it, and measures from RUNNING."""
    trace_parent: str | None = None
    number: int = 0
    """Dispatch counts what it sends to the workers of a group. Numbers in an inbox rise, with gaps. A worker repeats the highest
    that it has received as ``received_through``."""
    reply_to: ReplyTo | None = None
    """Where ``attempt.started.v1`` and ``attempt.ended.v1`` go. None: to ``executions.reports``, with the execution id as key."""
    questions: list[Question] = []
    """Not empty: an *evaluate* attempt. The worker runs no task, but renders these templates, and answers each of them in
    ``answers``. Then ``task_run_id`` is the id of the evaluation."""
    directory: Directory | None = None
    """Not None: a directory that it shares with other attempts. Without ``use``, the worker runs no task, but does this step. A worker
    that does not have the directory reports the attempt as lost."""
    lease: LeaseRef | None = None
    """Set where a partition of executions sent it itself. The worker reports its end to the address of answers alone."""
    poll: Poll | None = None
    """Not None: it runs no task, but polls the source of a trigger. ``task_id`` and ``task_type`` are those of the trigger."""


Borrower: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=15)]
"""A partition of ``executions``."""


class EnqueueAttempt(Message, frozen=True, kw_only=True, tag="dispatch.enqueue.v1"):
    """Offer an attempt to the workers of a group. A second request for the same attempt changes nothing."""

    group: str
    execution_id: str
    task_run_id: str
    attempt: int
    fair_key: str
    """Within a priority, attempts with different keys (flows) take turns."""
    at: Millis
    run: msgspec.Raw
    """The :class:`RunAttempt` as JSON. Dispatch passes it on unread."""
    priority: int = 0
    """Higher numbers go first."""
    reply_to: ReplyTo | None = None
    """That of the attempt, for ends that dispatch itself declares."""
    wait: bool = True
    """Whether it waits in the queue while its group has no worker that takes attempts. Else it then ends at once, ``unserved``."""
    worker_id: str = ""
    """Not empty: only this worker may run it, for example because the files of another attempt are there. If the worker is gone, or
    takes no more attempts, the attempt is lost."""
    borrower: Borrower | None = None
    """The partition of ``executions`` that would send such attempts itself if it had a lease. None: the attempt is heavy, or leases
    are off."""


class WithdrawAttempt(Message, frozen=True, kw_only=True, tag="dispatch.withdraw.v1"):
    """Kill: take the attempt from the queue, or stop it on its worker. The answer is an ``AttemptEnded`` with ``cancelled``."""

    group: str
    execution_id: str
    task_run_id: str
    attempt: int
    at: Millis
    reply_to: ReplyTo | None = None
    """That of the attempt, which dispatch may not know any more."""


DispatchCommand: TypeAlias = EnqueueAttempt | WithdrawAttempt


class StopAttempt(Message, frozen=True, kw_only=True, tag="attempt.stop.v1"):
    execution_id: str
    task_run_id: str
    attempt: int
    reply_to: ReplyTo | None = None
    """That of the attempt, which may not have arrived yet."""


class AskAnnouncement(Message, frozen=True, kw_only=True, tag="worker.announce.v1"):
    """Dispatch does not know this worker, or is in doubt what it runs. The worker must announce itself again, with all that it
    runs."""

    worker_id: str
    number: int = 0
    """Like that of an attempt. Earlier attempts have arrived with it."""
    anew: bool = False
    """Dispatch has forgotten it, with all its leases. It begins a new session, so that nothing under them begins any more."""


InboxMessage: TypeAlias = RunAttempt | StopAttempt | AskAnnouncement


Inbox: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=63)]
"""A partition of ``workers.inbox``."""


MOST_SLOTS = 10_000
Slots: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=MOST_SLOTS)]
"""Bounded, so that one worker cannot draw all attempts of its group to itself."""


class WorkerAnnounced(Message, frozen=True, kw_only=True, tag="worker.announced.v1"):
    """A worker is ready, with ``slots`` places. ``running`` are the attempts that it already runs."""

    group: Text
    worker_id: Text
    inbox: Inbox
    """The partition of ``workers.inbox`` that it reads."""
    slots: Slots
    at: GivenMillis
    running: list[AttemptKey] = []
    labels: dict[str, str] = {}
    received_through: Count = 0
    """As in heartbeats."""
    light_slots: Slots = 0
    """Places for light attempts beside ``slots``, which dispatch may lend to partitions of executions. 0: none."""
    session: Text = ""
    """It begins with the process, and anew whenever the worker may have missed a record of its inbox. What was sent for another
    session never begins. Empty: it knows no leases."""
    first: bool = False
    """Whether this announcement begins its session."""
    held: list[HeldAttempt] = []
    """The attempts under leases that it runs. They are not in ``running``."""


class WorkerReported(Message, frozen=True, kw_only=True, tag="worker.reported.v1"):
    """Sent at once when attempts end (batched), and every 2 s as a heartbeat (with ``running``)."""

    group: Text
    worker_id: Text
    at: GivenMillis
    ended: list[AttemptKey] = []
    running: list[AttemptKey] | None = None
    """None: not a heartbeat. Else all that it runs or has accepted; dispatch counts its other attempts there as lost."""
    inbox: Inbox | None = None
    """The partition of ``workers.inbox`` that it reads. If dispatch has forgotten the worker, it asks there for an announcement.
    None: the partition that the worker's id as key gives."""
    received_through: Count = 0
    """In heartbeats: the highest ``number`` that it has received since it began, 0 before the first. An attempt with a higher one
    cannot be in ``running`` yet."""
    session: Text = ""
    held: list[HeldAttempt] = []
    """In heartbeats: as in announcements."""


class WorkerDraining(Message, frozen=True, kw_only=True, tag="worker.draining.v1"):
    """The worker takes no more attempts. It has not begun those in ``returned``: give them to another worker."""

    group: Text
    worker_id: Text
    at: GivenMillis
    returned: list[AttemptKey] = []
    gone: bool = False
    """True in its last message: nothing runs there any more."""
    held: list[HeldAttempt] | None = None
    """Not None: from now on it begins nothing under a lease, and these are what it runs under one."""


class WorkerDoubted(Message, frozen=True, kw_only=True, tag="worker.doubted.v1"):
    """From dispatch to itself: the worker was silent for the time of its lease. When dispatch reads this, it has read everything
    that the worker wrote before."""

    group: Text
    worker_id: Text
    at: GivenMillis
    heard_at: GivenMillis
    """When dispatch had last heard from the worker."""


WorkerEvent: TypeAlias = WorkerAnnounced | WorkerReported | WorkerDraining | WorkerDoubted
