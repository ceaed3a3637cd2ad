"""Worker groups: each has its queue, its workers and the attempts between them. Only ``evolve`` changes them, and nothing
here decides."""

from __future__ import annotations

from collections import OrderedDict, deque
from dataclasses import dataclass, field

import msgspec

from contracts.address import ReplyTo
from contracts.scalars import Millis
from services.executor.dispatch.queue import Queue

CLOSED_KEPT = 65_536
"""How many ended attempts each group remembers, so that a repeated command does not run one twice."""


@dataclass(slots=True)
class Attempt:
    execution_id: str
    task_run_id: str
    attempt: int
    fair_key: str
    priority: int
    run: msgspec.Raw
    worker_id: str | None = None
    assigned_at: Millis = 0
    stopping: bool = False
    number: int = 0
    """Its number among all that was sent to the workers of the group. 0 while it is queued."""
    reply_to: ReplyTo | None = None
    wait: bool = True
    """Whether it stays in the queue while nobody takes attempts."""
    pinned_to: str = ""
    """The one worker that may run it. Empty: any."""


@dataclass(slots=True)
class Lease:
    partition: int
    """Of ``executions``."""
    slots: int
    """Once it has ended: how many attempts under it the worker still held then."""
    ended: bool = False


@dataclass(slots=True)
class Worker:
    inbox: int
    slots: int
    heard_at: Millis
    running: dict[str, None] = field(default_factory=dict)
    """Keys of the attempts in its slots, in order, including unknown ones. (The order of a set would depend on the hash seed.)"""
    draining: bool = False
    spared: bool = False
    spared_at: Millis = 0
    asked_at: Millis = 0
    """When it was last asked what it runs."""
    light_slots: int = 0
    session: str = ""
    leases: dict[int, Lease] = field(default_factory=dict)
    """By number: those of its session, and earlier ones under which it still runs something."""

    @property
    def free(self) -> bool:
        return not self.draining and len(self.running) < self.slots

    @property
    def unlent(self) -> int:
        """The number of places for light attempts that no lease has."""
        return self.light_slots - sum(lease.slots for lease in self.leases.values()) if self.session else 0

    def lends_to(self, partition: int) -> bool:
        return any(lease.partition == partition and not lease.ended for lease in self.leases.values())


@dataclass(slots=True)
class Group:
    sent: int = 0
    """The number of the last attempt or question that was sent to a worker."""
    leases: int = 0
    """The number of the last lease."""
    attempts: dict[str, Attempt] = field(default_factory=dict)
    """Attempts that are queued or handed out."""
    queue: Queue = field(default_factory=Queue)
    """Attempts that any worker may run."""
    pinned: dict[str, Queue] = field(default_factory=dict)
    """By worker: queued attempts that only this one may run. None is empty."""
    impatient: dict[str, None] = field(default_factory=dict)
    """Queued attempts that do not wait where nobody takes attempts, in order."""
    workers: dict[str, Worker] = field(default_factory=dict)
    free: OrderedDict[str, None] = field(default_factory=OrderedDict)
    """Workers with a free slot, in the order in which they get the next attempts."""
    closed: dict[str, str] = field(default_factory=dict)
    """Ended attempts. The value is the execution id if the end was declared here, else empty."""
    closed_order: deque[str] = field(default_factory=deque)

    def close(self, key: str, execution_id: str) -> None:
        if key not in self.closed:
            self.closed_order.append(key)
            if len(self.closed_order) > CLOSED_KEPT:
                del self.closed[self.closed_order.popleft()]
        self.closed[key] = execution_id

    def wait_in_queue(self, key: str, attempt: Attempt, *, first: bool = False) -> None:
        """Put a known attempt into its queue."""
        queue = self.pinned.setdefault(attempt.pinned_to, Queue()) if attempt.pinned_to else self.queue
        (queue.put_back if first else queue.add)(key, attempt)
        if not attempt.wait:
            self.impatient[key] = None

    def leave_queue(self, key: str, attempt: Attempt, *, taken: bool) -> None:
        """``taken``: it goes to a worker, so its lane waits for its next turn."""
        queue = self.pinned[attempt.pinned_to] if attempt.pinned_to else self.queue
        (queue.take if taken else queue.remove)(key, attempt)
        if attempt.pinned_to and not queue:
            del self.pinned[attempt.pinned_to]
        self.impatient.pop(key, None)

    @property
    def served(self) -> bool:
        """Whether any worker takes attempts, even if all its slots are in use now."""
        return any(worker.slots and not worker.draining for worker in self.workers.values())

    def hand_out(self, key: str, attempt: Attempt, worker_id: str) -> None:
        """Give the attempt, which is not in the queue, a slot of the worker."""
        attempt.worker_id = worker_id
        worker = self.workers[worker_id]
        worker.running[key] = None
        if not worker.free:
            self.free.pop(worker_id, None)

    def runs_at(self, key: str, worker_id: str) -> bool:
        attempt = self.attempts.get(key)
        return attempt is not None and attempt.worker_id == worker_id


@dataclass(slots=True)
class DispatchState:
    groups: dict[str, Group] = field(default_factory=dict)
    """By name."""

    def group(self, name: str) -> Group:
        """Return a group for reading. A group without events is empty."""
        return self.groups.get(name, _NOBODY)


_NOBODY = Group()
"""Never changed."""
