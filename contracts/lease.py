"""Leases of workers' places for light attempts, between dispatch, the partitions of ``executions`` and workers.

Dispatch lends places of a worker to a partition of executions. That partition then writes light attempts to the worker's inbox itself.
"""

from __future__ import annotations

from typing import TypeAlias

from contracts.message import Message
from contracts.scalars import Count, Millis, Text
from contracts.work import AttemptKey, Inbox, Slots


class LeaseGranted(Message, frozen=True, kw_only=True, tag="lease.granted.v1"):
    """From dispatch to a partition of executions: it may have ``slots`` light attempts at this worker at a time, until the lease is
    revoked."""

    group: Text
    lease: Count
    worker_id: Text
    inbox: Inbox
    session: Text
    slots: Slots
    at: Millis


class LeaseRevoked(Message, frozen=True, kw_only=True, tag="lease.revoked.v1"):
    """From dispatch to a partition of executions: nothing more may be sent under this lease. What was sent under it and is not in
    ``held`` does not run, and never will. It stands behind everything that the worker reported before.

    It comes again when the worker of a revoked lease is lost with what it held."""

    group: Text
    lease: Count
    held: list[AttemptKey] = []
    reason: str = ""
    """For people: why the others are lost."""
    at: Millis


LeaseNews: TypeAlias = LeaseGranted | LeaseRevoked
"""What only dispatch says to a partition of executions."""
