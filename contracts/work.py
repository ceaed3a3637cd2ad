"""Executor, dispatch and workers: attempts handed out, credits, leases. The outcome goes to ``executions.commands``."""

from __future__ import annotations

from typing import Annotated, TypeAlias

import msgspec

from contracts.message import Message
from contracts.scalars import Count, GivenMillis, JsonObject, Millis, Text


class OutputReference(msgspec.Struct, frozen=True, array_like=True):
    """Where in the variables a large output belongs, and where it stands in internal storage."""

    path: list[str]
    uri: str


class RunAttempt(Message, frozen=True, kw_only=True, tag="attempt.run.v1"):
    """All that a worker needs for one attempt. Properties are not rendered yet: the worker renders them."""

    execution_id: str
    task_run_id: str
    attempt: int
    namespace: str
    flow_id: str
    revision: int
    task_id: str
    task_type: str
    task: msgspec.Raw
    """The task as JSON object: ``{properties, logLevel, logToFile, allowFailure, allowWarning …}``, plugin defaults merged."""
    variables: JsonObject
    """What the task's templates refer to of inputs, outputs, vars, labels, trigger …; always execution, flow, task, taskrun."""
    references: list[OutputReference] = []
    timeout_template: str | None = None
    """Duration of one attempt, rendered by the worker; measured from its RUNNING."""
    trace_parent: str | None = None


class EnqueueAttempt(Message, frozen=True, kw_only=True, tag="dispatch.enqueue.v1"):
    """An attempt that may be handed to a worker of the group. Asking again for the same attempt changes nothing."""

    group: str
    execution_id: str
    task_run_id: str
    attempt: int
    fair_key: str
    """Attempts of different keys (flows) take turns within a priority."""
    at: Millis
    run: msgspec.Raw
    """The :class:`RunAttempt` as JSON, passed on unread."""
    priority: int = 0
    """Higher first."""


class WithdrawAttempt(Message, frozen=True, kw_only=True, tag="dispatch.withdraw.v1"):
    """Kill: take it from the queue, or stop it on its worker. Answered by an ``AttemptEnded`` with ``cancelled``."""

    group: str
    execution_id: str
    task_run_id: str
    attempt: int
    at: Millis


DispatchCommand: TypeAlias = EnqueueAttempt | WithdrawAttempt


class AttemptKey(msgspec.Struct, frozen=True, array_like=True):
    task_run_id: str
    attempt: int


class StopAttempt(Message, frozen=True, kw_only=True, tag="attempt.stop.v1"):
    execution_id: str
    task_run_id: str
    attempt: int


class AskAnnouncement(Message, frozen=True, kw_only=True, tag="worker.announce.v1"):
    """Dispatch does not know this worker (any more): announce again, with all that runs."""

    worker_id: str


InboxMessage: TypeAlias = RunAttempt | StopAttempt | AskAnnouncement


Inbox: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=63)]
"""A partition of ``workers.inbox``."""


class WorkerAnnounced(Message, frozen=True, kw_only=True, tag="worker.announced.v1"):
    """A worker is there, with ``slots`` places and the attempts that it runs already."""

    group: Text
    worker_id: Text
    inbox: Inbox
    """Partition of ``workers.inbox`` that it reads."""
    slots: Count
    at: GivenMillis
    running: list[AttemptKey] = []
    labels: dict[str, str] = {}


class WorkerReported(Message, frozen=True, kw_only=True, tag="worker.reported.v1"):
    """Sent when attempts ended (at once, batched) and every 2 s as heartbeat (then with ``running``)."""

    group: Text
    worker_id: Text
    at: GivenMillis
    ended: list[AttemptKey] = []
    running: list[AttemptKey] | None = None
    """None: this is no heartbeat. Otherwise everything that it runs or has accepted: what dispatch counts there and is not in it was lost."""
    inbox: Inbox | None = None
    """Partition of ``workers.inbox`` that it reads: where dispatch, if it has forgotten the worker, asks for an announcement.
    None: the partition of its id as key."""
    received_through: int = -1
    """Offset in its inbox up to which it has read (heartbeats): an attempt sent later cannot be in ``running`` yet."""


class WorkerDraining(Message, frozen=True, kw_only=True, tag="worker.draining.v1"):
    """No more attempts, please. ``returned`` were accepted but not begun: give them to somebody else."""

    group: Text
    worker_id: Text
    at: GivenMillis
    returned: list[AttemptKey] = []
    gone: bool = False
    """True as its last word: nothing runs there any more."""


WorkerEvent: TypeAlias = WorkerAnnounced | WorkerReported | WorkerDraining
