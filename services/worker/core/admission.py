"""Decides which attempts begin now and which wait for a place. Pure: it only sees ids and messages."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TypeAlias

from contracts.address import ReplyTo
from contracts.scalars import AttemptId, attempt_id
from contracts.work import AttemptKey, HeldAttempt, RunAttempt, StopAttempt
from services.worker.core.address import answers_of
from services.worker.core.attempt import Attempt, Phase, key_of, wire_key

REMEMBERED = 65_536
"""How many ended attempts are remembered, so that a repeated record does not run one twice."""


@dataclass(frozen=True, slots=True)
class Begin:
    run: RunAttempt


@dataclass(frozen=True, slots=True)
class Cancel:
    """The attempt runs. Stop it; its end follows."""

    key: AttemptId


@dataclass(frozen=True, slots=True)
class SayCancelled:
    """The attempt does not run, or not yet. Report it as cancelled at once."""

    to: ReplyTo
    execution_id: str
    task_run_id: str
    attempt: int


@dataclass(frozen=True, slots=True)
class SayEnded:
    """The attempt has already ended here. Tell dispatch again."""

    key: AttemptKey


@dataclass(frozen=True, slots=True)
class GiveBack:
    """The worker is draining, so dispatch gets the attempt back."""

    key: AttemptKey


Admitted: TypeAlias = Begin | Cancel | SayCancelled | SayEnded | GiveBack | None
"""None: there is nothing to do now."""


class Admission:
    """``heavy_places`` limits attempts that start processes. Light ones begin at once, because dispatch counts slots.

    An attempt under a lease begins only in the session for which the lease was granted, and not while draining. Whoever sent it then declares
    it lost, because it is not among those that are held."""

    def __init__(self, heavy_places: int) -> None:
        self._places = heavy_places
        self._heavy_running = 0
        self._attempts: dict[AttemptId, Attempt] = {}
        self._waiting: OrderedDict[AttemptId, Attempt] = OrderedDict()
        self._ended: OrderedDict[AttemptId, None] = OrderedDict()
        self.draining = False
        self.session = ""

    def take(self, run: RunAttempt, *, heavy: bool) -> Admitted:
        key = key_of(run)
        if key in self._attempts:
            return None
        if run.lease is not None and (
            self.draining or run.lease.session != self.session or key in self._ended
        ):
            return None
        if key in self._ended:
            return SayEnded(wire_key(run))
        if self.draining:
            return GiveBack(wire_key(run))
        if heavy and self._heavy_running >= self._places:
            self._attempts[key] = self._waiting[key] = Attempt(run, heavy, Phase.WAITING)
            return None
        self._begin(key, Attempt(run, heavy, Phase.RUNNING))
        return Begin(run)

    def stop(self, message: StopAttempt) -> Admitted:
        key = attempt_id(message.task_run_id, message.attempt)
        attempt = self._attempts.get(key)
        if attempt is not None and attempt.phase is Phase.RUNNING:
            attempt.move(Phase.STOPPING)
            return Cancel(key)
        if attempt is not None and attempt.phase is not Phase.WAITING:
            return None
        if attempt is None and key in self._ended:
            return SayEnded(AttemptKey(message.task_run_id, message.attempt))
        if attempt is None:
            # Remember it at once: if the attempt arrives later, it counts as ended.
            self._remember(key)
        else:
            del self._waiting[key]
            attempt.move(Phase.REPORTING)
        to = answers_of(message if attempt is None else attempt.run).to
        return SayCancelled(to, message.execution_id, message.task_run_id, message.attempt)

    def end(self, key: AttemptId) -> list[Begin]:
        """The attempt ended, and its outcome is being reported. Return what begins in its place."""
        attempt = self._attempts[key]
        attempt.move(Phase.REPORTING)
        if attempt.heavy:
            self._heavy_running -= 1
        begins = []
        while self._waiting and self._heavy_running < self._places and not self.draining:
            next_key, next_attempt = self._waiting.popitem(last=False)
            next_attempt.move(Phase.RUNNING)
            self._begin(next_key, next_attempt)
            begins.append(Begin(next_attempt.run))
        return begins

    def reported(self, key: AttemptId) -> None:
        """The outcome is acknowledged, so the attempt is over here."""
        self._attempts.pop(key, None)
        self._remember(key)

    def drain(self) -> list[AttemptKey]:
        """Accept nothing from now on. Return the accepted attempts that have not begun; they are not ours any more."""
        self.draining = True
        returned = [wire_key(each.run) for each in self._waiting.values() if each.run.lease is None]
        for key in self._waiting:
            del self._attempts[key]
        self._waiting.clear()
        return returned

    def held(self) -> list[AttemptKey]:
        """Return all attempts that dispatch must count as here, including those without acknowledgement."""
        return [wire_key(attempt.run) for attempt in self._attempts.values() if attempt.run.lease is None]

    def held_under_leases(self) -> list[HeldAttempt]:
        """Return the others, which partitions of executions count as here."""
        return [
            HeldAttempt(lease.number, run.execution_id, run.task_run_id, run.attempt)
            for run in (attempt.run for attempt in self._attempts.values())
            if (lease := run.lease) is not None
        ]

    @property
    def waiting(self) -> int:
        """The number of attempts that wait for a place."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        return sum(a.phase in (Phase.RUNNING, Phase.STOPPING) for a in self._attempts.values())

    def _remember(self, key: AttemptId) -> None:
        self._ended[key] = None
        if len(self._ended) > REMEMBERED:
            self._ended.popitem(last=False)

    def _begin(self, key: AttemptId, attempt: Attempt) -> None:
        self._attempts[key] = attempt
        if attempt.heavy:
            self._heavy_running += 1
