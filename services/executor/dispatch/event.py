"""The decisions of dispatch, as its journal keeps them. Private, but stored: never rename a type or a field.

``key`` is :func:`contracts.scalars.attempt_id` of the attempt, unique in its worker group.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from contracts.address import ReplyTo
from contracts.codec import Codec
from contracts.message import Message
from contracts.scalars import Millis


class DispatchEvent(Message, frozen=True, kw_only=True):
    group: str


class AttemptQueued(DispatchEvent, frozen=True, kw_only=True, tag="dispatch.queued.v1"):
    execution_id: str
    task_run_id: str
    attempt: int
    fair_key: str
    run: msgspec.Raw
    priority: int = 0
    reply_to: ReplyTo | None = None
    wait: bool = True
    pinned_to: str = ""
    """The one worker that may run it. Empty: any."""


class AttemptAssigned(DispatchEvent, frozen=True, kw_only=True, tag="dispatch.assigned.v1"):
    key: str
    worker_id: str
    at: Millis
    number: int = 0


class AttemptStopping(DispatchEvent, frozen=True, kw_only=True, tag="dispatch.stopping.v1"):
    """Its worker was asked to stop it. The request is repeated until the attempt ends."""

    key: str


class AttemptReturned(DispatchEvent, frozen=True, kw_only=True, tag="dispatch.returned.v1"):
    """A draining worker had not begun it. It is first in its queue again, with the same number."""

    key: str


class AttemptClosed(DispatchEvent, frozen=True, kw_only=True, tag="dispatch.closed.v1"):
    """It was withdrawn, lost or unreadable, and the executor is told. ``execution_id`` is kept for late reports."""

    key: str
    execution_id: str


class AttemptsFreed(DispatchEvent, frozen=True, kw_only=True, tag="dispatch.freed.v1"):
    """Their worker reported their end to dispatch. It told the executor itself."""

    worker_id: str
    keys: list[str]
    at: Millis


class WorkerJoined(DispatchEvent, frozen=True, kw_only=True, tag="dispatch.joined.v1"):
    worker_id: str
    inbox: int
    slots: int
    at: Millis
    strangers: list[str] = []
    """Attempts that it runs and that dispatch does not know. They take slots until it reports their end."""
    light_slots: int = 0
    session: str = ""


class WorkerHeard(DispatchEvent, frozen=True, kw_only=True, tag="dispatch.heard.v1"):
    worker_id: str
    at: Millis
    strangers: list[str] = []
    """Further attempts that it runs, but not for dispatch. They take slots until it does not name them any more."""


class WorkerAsked(DispatchEvent, frozen=True, kw_only=True, tag="dispatch.asked.v1"):
    """It does not name an attempt that may still be on its way. It was asked to announce itself once that has arrived."""

    worker_id: str
    at: Millis
    number: int


class WorkerSpared(DispatchEvent, frozen=True, kw_only=True, tag="dispatch.spared.v1"):
    """Its lease ran out while dispatch itself, or the log, was away. It gets one more lease before it counts as lost."""

    worker_id: str
    at: Millis = 0


class WorkerDrained(DispatchEvent, frozen=True, kw_only=True, tag="dispatch.drained.v1"):
    """The worker gets no further attempt."""

    worker_id: str
    at: Millis


class WorkerForgotten(DispatchEvent, frozen=True, kw_only=True, tag="dispatch.forgotten.v1"):
    worker_id: str


class LeaseLent(DispatchEvent, frozen=True, kw_only=True, tag="dispatch.lease_lent.v1"):
    worker_id: str
    lease: int
    partition: int
    """Of ``executions``."""
    slots: int


class LeaseEnded(DispatchEvent, frozen=True, kw_only=True, tag="dispatch.lease_ended.v1"):
    """Nothing is sent under it any more, but its worker still holds attempts that were."""

    worker_id: str
    lease: int
    left: int
    """How many."""


class LeaseOver(DispatchEvent, frozen=True, kw_only=True, tag="dispatch.lease_over.v1"):
    worker_id: str
    lease: int


JournalEvent: TypeAlias = (
    AttemptQueued
    | AttemptAssigned
    | AttemptStopping
    | AttemptReturned
    | AttemptClosed
    | AttemptsFreed
    | WorkerJoined
    | WorkerHeard
    | WorkerAsked
    | WorkerSpared
    | WorkerDrained
    | WorkerForgotten
    | LeaseLent
    | LeaseEnded
    | LeaseOver
)
JOURNAL: Codec[JournalEvent] = Codec(JournalEvent)
