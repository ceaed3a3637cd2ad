"""Follows leases through the journals of dispatch and of executions, and requires what they promise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from contracts.lease import LeaseRevoked
from contracts.message import Message
from contracts.scalars import AttemptId, attempt_id
from contracts.work import AttemptKey
from services.executor.dispatch.event import LeaseEnded, LeaseLent, LeaseOver, WorkerForgotten, WorkerJoined
from services.executor.executions.event import AttemptFreed, AttemptLeased, LeaseClosed, LeaseTaken
from tests.simulation.requirement import require
from tests.simulation.worker import SimWorker


@dataclass(slots=True)
class Seen:
    """A lease according to its borrower."""

    worker_id: str
    slots: int
    closed: bool = False
    attempts: dict[AttemptId, AttemptKey] = field(default_factory=dict)


class LeaseWatch:
    def __init__(self) -> None:
        self.places: dict[str, int] = {}
        """By worker: its places for light attempts."""
        self.lent: dict[tuple[str, int], tuple[str, int]] = {}
        """By group and number: worker and slots of the leases that dispatch counts, without those that have ended."""
        self.ever_lent: set[tuple[str, int]] = set()
        self.leases: dict[tuple[str, int], Seen] = {}
        self.seats: dict[AttemptId, Seen] = {}
        self.absent: set[tuple[str, AttemptKey]] = set()
        """Attempts of which dispatch said that their worker, which lives, will never begin them."""

    def follow_dispatch(self, events: Sequence[Message]) -> None:
        for event in events:
            match event:
                case WorkerJoined(worker_id=worker_id, light_slots=places):
                    self.places[worker_id] = places
                case LeaseLent(group=group, lease=number, worker_id=worker_id, slots=slots):
                    require(
                        (group, number) not in self.ever_lent, f"lease {number} of {group} was lent twice"
                    )
                    self.ever_lent.add((group, number))
                    self.lent[group, number] = (worker_id, slots)
                    taken = sum(slots for worker, slots in self.lent.values() if worker == worker_id)
                    places = self.places[worker_id]
                    require(taken <= places, f"{worker_id} lends {taken} of its {places} places")
                case LeaseEnded(group=group, lease=number) | LeaseOver(group=group, lease=number):
                    self.lent.pop((group, number), None)
                case WorkerForgotten(worker_id=worker_id):
                    left = [key for key, (worker, _) in self.lent.items() if worker == worker_id]
                    require(not left, f"{worker_id} was forgotten with leases {left}")

    def follow_executions(self, events: Sequence[Message], revoked: LeaseRevoked | None) -> None:
        """``revoked`` is the input of the record, if it was that."""
        for event in events:
            match event:
                case LeaseTaken(group=group, lease=number, worker_id=worker_id, slots=slots):
                    require((group, number) in self.ever_lent, f"lease {number} of {group} was never lent")
                    require((group, number) not in self.leases, f"lease {number} of {group} was taken twice")
                    self.leases[group, number] = Seen(worker_id, slots)
                case LeaseClosed(group=group, lease=number):
                    lease = self.leases[group, number]
                    lease.closed = True
                    assert revoked is not None
                    self._note_absent(lease, revoked)
                case AttemptLeased(group=group, lease=number, task_run_id=task_run_id, attempt=attempt):
                    lease, key = self.leases[group, number], attempt_id(task_run_id, attempt)
                    require(not lease.closed, f"lease {number} of {group} was used after its end")
                    lease.attempts[key] = AttemptKey(task_run_id, attempt)
                    self.seats[key] = lease
                    require(
                        len(lease.attempts) <= lease.slots,
                        f"lease {number} of {group} has no place for {key}",
                    )
                case AttemptFreed(key=key):
                    del self.seats.pop(key).attempts[key]

    def _note_absent(self, lease: Seen, revoked: LeaseRevoked) -> None:
        if revoked.reason.endswith(("does not run it", "had not begun it")):
            held = {attempt_id(key.task_run_id, key.attempt) for key in revoked.held}
            self.absent |= {
                (lease.worker_id, key) for name, key in lease.attempts.items() if name not in held
            }

    def check_worker(self, worker: SimWorker) -> None:
        light = sum(each.attempt.lease is not None for each in worker.running.values())
        require(light <= worker.light_slots, f"{worker.id} runs {light} under {worker.light_slots} places")
        others = len(worker.running) - light
        require(others <= worker.slots, f"{worker.id} runs {others} in {worker.slots} slots")

    def check_settled(self) -> None:
        require(not self.seats, f"places of attempts that ended: {sorted(self.seats)}")
        open_leases = {key for key, lease in self.leases.items() if not lease.closed}
        require(open_leases == set(self.lent), f"leases in use {open_leases}, in the ledger {set(self.lent)}")
