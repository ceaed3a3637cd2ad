"""Deliberately broken variants of leases. The simulation must catch every one."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import structs

from contracts.execution import AttemptEnded
from contracts.lease import LeaseGranted, LeaseRevoked
from contracts.machine import Step, TimerDue
from contracts.work import WorkerAnnounced
from services.executor.dispatch.machine import DispatchMachine
from services.executor.executions.event import AttemptFreed
from services.executor.executions.machine import ExecutionMachine


class IgnoresRevocations(ExecutionMachine):
    """Goes on sending under a lease that has ended, and waits for what it sent."""

    def step(self, message: Any, at: int) -> Step:
        return Step() if isinstance(message, LeaseRevoked) else super().step(message, at)


class WaitsForTheLost(ExecutionMachine):
    """Sends nothing more under a revoked lease, but waits for everything that it had sent."""

    def step(self, message: Any, at: int) -> Step:
        if isinstance(message, TimerDue) and message.name.startswith("lost/"):
            return Step()
        return super().step(message, at)


class GivesPlacesBackEarly(ExecutionMachine):
    """Frees the place of another attempt, too, when one ends."""

    def step(self, message: Any, at: int) -> Step:
        if isinstance(message, AttemptEnded):
            for key in list(self.state.leases.attempts)[:1]:
                self.state.leases.vacate(key)
        return super().step(message, at)


class CrowdsLeases(ExecutionMachine):
    """Takes more places than it was lent."""

    def step(self, message: Any, at: int) -> Step:
        if isinstance(message, LeaseGranted):
            message = structs.replace(message, slots=50)
        return super().step(message, at)


class TakesLeasesTwice(ExecutionMachine):
    """Believes a grant that comes again after its revocation."""

    def step(self, message: Any, at: int) -> Step:
        if isinstance(message, LeaseGranted):
            self.state.leases.last.clear()
        return super().step(message, at)


class KeepsPlaces(ExecutionMachine):
    """Does not write down that the place of a failed attempt is free."""

    def step(self, message: Any, at: int) -> Step:
        step = super().step(message, at)
        if isinstance(message, AttemptEnded) and message.outcome == "failed":
            step.events = [event for event in step.events if not isinstance(event, AttemptFreed)]
        return step


class ForgetsLeases(ExecutionMachine):
    """Takes snapshots without the places and the attempts in them."""

    def dump_entity(self, entity: str) -> Iterable[bytes]:
        return [] if entity.startswith("leases/") else super().dump_entity(entity)


class TellsNobody(DispatchMachine):
    """Forgets a worker, and does not tell the partitions that have leases of it."""

    def step(self, message: Any, at: int) -> Step:
        step = super().step(message, at)
        if not isinstance(message, WorkerAnnounced):
            step.outbox = [each for each in step.outbox if not isinstance(each.message, LeaseRevoked)]
        return step


class MissesNewSessions(DispatchMachine):
    """Does not notice that a worker has begun anew."""

    def step(self, message: Any, at: int) -> Step:
        if isinstance(message, WorkerAnnounced):
            known = self.state.group(message.group).workers.get(message.worker_id)
            if known is not None:
                message = structs.replace(message, session=known.session)
        return super().step(message, at)


class LendsTooMuch(DispatchMachine):
    """Lends more places than a worker has."""

    def step(self, message: Any, at: int) -> Step:
        if isinstance(message, WorkerAnnounced) and message.light_slots:
            message = structs.replace(message, light_slots=message.light_slots + 64)
        return super().step(message, at)


class ForgetsTheLedger(DispatchMachine):
    """Takes snapshots without the leases that it has lent."""

    def dump_entity(self, entity: str) -> Iterable[bytes]:
        items = super().dump_entity(entity)
        return [item for item in items if not item.startswith((b'["lease"', b'["leases"'))]
