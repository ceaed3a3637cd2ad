"""The leases of a partition: places at workers for light attempts, which it sends itself (ADR 0027).

Theory of operation. Dispatch lends places when an attempt goes there for want of one. From then on a light attempt of that worker group
takes a place, and goes straight to the worker's inbox with the step that submits it, after that step is in the journal. The report of its
end gives the place back, whatever the report means to the execution, because only then is the worker free of it. When dispatch revokes the
lease, what the worker does not hold is lost: each such attempt gets a timer that is due at once, so that each execution has a step of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from contracts.scalars import AttemptId, attempt_id
from contracts.work import LeaseRef

MOST_LEASES = 1_000
"""Of one worker group. Further ones stay unused, because a partition's memory must not grow with what it is told."""


@dataclass(slots=True)
class Lease:
    group: str
    number: int
    worker_id: str
    inbox: int
    session: str
    slots: int
    revoked: bool = False
    reason: str = ""
    """Why what it sent is lost."""
    attempts: dict[AttemptId, None] = field(default_factory=dict)
    """In its places, in order."""

    @property
    def free(self) -> bool:
        return not self.revoked and len(self.attempts) < self.slots

    @property
    def ref(self) -> LeaseRef:
        return LeaseRef(self.number, self.session)


@dataclass(slots=True)
class Leased:
    """An attempt that has a place. It may outlive its execution, until its worker has stopped it."""

    lease: Lease
    execution_id: str
    task_run_id: str
    attempt: int
    stopping: bool = False


@dataclass(slots=True)
class Leases:
    groups: dict[str, dict[int, Lease]] = field(default_factory=dict)
    """By worker group and number, in the order in which they are used. Revoked ones stay as long as they have attempts."""
    last: dict[str, int] = field(default_factory=dict)
    """By worker group: the highest number that was granted, because a grant may come twice."""
    attempts: dict[AttemptId, Leased] = field(default_factory=dict)
    touched: dict[str, None] = field(default_factory=dict)
    """Worker groups whose leases changed since this was last emptied."""

    def all(self) -> Iterator[Lease]:
        for leases in self.groups.values():
            yield from leases.values()

    def place(self, group: str) -> Lease | None:
        """Return the lease that has the next free place. Workers take turns."""
        return next((lease for lease in self.groups.get(group, {}).values() if lease.free), None)

    def seat(self, leased: Leased) -> None:
        key = attempt_id(leased.task_run_id, leased.attempt)
        self.attempts[key] = leased
        leased.lease.attempts[key] = None

    def occupy(self, leased: Leased) -> None:
        """Seat the attempt. The next one goes to another worker, if there are several."""
        self.seat(leased)
        lease = leased.lease
        self.touched[lease.group] = None
        group = self.groups[lease.group]
        if len(group) > 1:
            group[lease.number] = group.pop(lease.number)

    def vacate(self, key: AttemptId) -> None:
        lease = self.attempts.pop(key).lease
        del lease.attempts[key]
        self.touched[lease.group] = None
        self.drop_if_over(lease)

    def drop_if_over(self, lease: Lease) -> None:
        if lease.revoked and not lease.attempts:
            group = self.groups[lease.group]
            del group[lease.number]
            if not group:
                del self.groups[lease.group]
