"""The decisions of dispatch: attempts to workers, leases, withdrawal, drain. Knows neither flows nor what an attempt does.

Theory of operation. An attempt is queued, then handed to one worker with a free slot, then leaves: because its worker reported
its end (the outcome itself goes to the executor, not here), or because it is closed here (withdrawn, lost) and the executor is
told by an ``AttemptEnded``. A worker's place lasts as long as it is heard; one lease timer a worker checks that, so a heartbeat
costs one small event and no timer.
"""

from __future__ import annotations

from typing import TypeAlias

from contracts.codec import Codec, UnreadableMessage
from contracts.execution import AttemptEnded, Outcome
from contracts.machine import Outgoing, Step, Timer
from contracts.message import Message
from contracts.scalars import Millis, attempt_id
from contracts.work import (
    AskAnnouncement,
    AttemptKey,
    EnqueueAttempt,
    RunAttempt,
    StopAttempt,
    WithdrawAttempt,
    WorkerAnnounced,
    WorkerDraining,
    WorkerReported,
)
from services.executor.dispatch.event import (
    AnyDispatchEvent,
    AttemptAssigned,
    AttemptClosed,
    AttemptQueued,
    AttemptReturned,
    AttemptsFreed,
    AttemptStopping,
    WorkerDrained,
    WorkerForgotten,
    WorkerHeard,
    WorkerJoined,
    WorkerSpared,
)
from services.executor.dispatch.state import Attempt, Group, Worker, apply

LEASE_MS = 10_000
"""Silence after which a worker and all that it runs count as lost."""
LATE_MS = 2_000
"""A lease timer that fires later than this says that dispatch was away, not the worker."""
SETTLE_MS = 5_000
"""An attempt handed out this long before a heartbeat must be in it."""
STOP_AGAIN_MS = 2_000
SEPARATOR = "\x1f"
"""Between the parts of a timer's name: kind, group, worker or attempt."""
_RUNS: Codec[RunAttempt] = Codec(RunAttempt)
_NOBODY = Group()
"""Stands for a group that no event has made yet. Never changed."""


AttemptReference: TypeAlias = EnqueueAttempt | WithdrawAttempt | Attempt


class Decision:
    """One input being decided: events are applied as they are emitted, so each sees what the previous one did."""

    def __init__(self, groups: dict[str, Group], at: Millis) -> None:
        self._groups = groups
        self._at = at
        self.step = Step()

    # ---- attempts

    def enqueue(self, message: EnqueueAttempt) -> None:
        name = message.group
        group = self._group(name)
        key = attempt_id(message.task_run_id, message.attempt)
        if key in group.attempts or key in group.closed:
            return
        self._emit(
            AttemptQueued(
                group=name,
                execution_id=message.execution_id,
                task_run_id=message.task_run_id,
                attempt=message.attempt,
                fair_key=message.fair_key,
                priority=message.priority,
                run=message.run,
            )
        )
        self._assign(name)

    def withdraw(self, message: WithdrawAttempt) -> None:
        name = message.group
        group = self._group(name)
        key = attempt_id(message.task_run_id, message.attempt)
        attempt = group.attempts.get(key)
        if attempt is not None and attempt.worker_id is not None:
            if not attempt.stopping:
                self._emit(AttemptStopping(group=name, key=key))
                self._stop(name, key, attempt)
            return
        if key not in group.closed:
            self._emit(AttemptClosed(group=name, key=key, execution_id=message.execution_id))
        # Answered whatever we know: an executor that asks must never wait for ever.
        self.say_ended(message, "cancelled", "withdrawn before it began")

    def stop_again(self, name: str, key: str) -> None:
        attempt = self._group(name).attempts.get(key)
        if attempt is not None and attempt.stopping and attempt.worker_id is not None:
            self._stop(name, key, attempt)

    def say_ended(
        self, attempt: AttemptReference, outcome: Outcome, reason: str, worker_id: str = ""
    ) -> None:
        message = AttemptEnded(
            execution_id=attempt.execution_id,
            task_run_id=attempt.task_run_id,
            attempt=attempt.attempt,
            outcome=outcome,
            at=self._at,
            worker_id=worker_id,
            message=reason,
        )
        self._send("executions.commands", attempt.execution_id, message)

    # ---- workers

    def announce(self, message: WorkerAnnounced) -> None:
        name, worker_id = message.group, message.worker_id
        group = self._group(name)
        listed = _keys(message.running)
        known = group.workers.get(worker_id)
        if known is not None:
            self._lose_unlisted(message, known, listed)
        strangers = [key for key in listed if not _runs_at(group, key, worker_id)]
        self._emit(
            WorkerJoined(
                group=name,
                worker_id=worker_id,
                inbox=message.inbox,
                slots=message.slots,
                at=self._at,
                strangers=strangers,
            )
        )
        self._set_timer("lease", name, worker_id, self._at + LEASE_MS)
        for key in strangers:
            execution_id = self._group(name).closed.get(key)
            if execution_id:
                self._stop_fenced(message, listed[key], execution_id)
        self._assign(name)

    def report(self, message: WorkerReported) -> None:
        name, worker_id = message.group, message.worker_id
        worker = self._group(name).workers.get(worker_id)
        if worker is None:
            ask = AskAnnouncement(worker_id=worker_id)
            self._send("workers.inbox", worker_id, ask, message.inbox)
            return
        freed = [key for key in _keys(message.ended) if key in worker.running]
        if message.running is not None:
            freed += self._missing(message, worker, freed)
        if freed:
            for key in freed:
                self._cancel_stop(name, key)
            self._emit(AttemptsFreed(group=name, worker_id=worker_id, keys=freed, at=self._at))
        else:
            self._emit(WorkerHeard(group=name, worker_id=worker_id, at=self._at))
        self._assign(name)

    def drain(self, message: WorkerDraining) -> None:
        name, worker_id = message.group, message.worker_id
        group = self._group(name)
        worker = group.workers.get(worker_id)
        if worker is None:
            return
        self._emit(WorkerDrained(group=name, worker_id=worker_id, at=self._at))
        # Each goes to the front of its queue: the last first, so that their order stays.
        for key in reversed(_keys(message.returned)):
            if not _runs_at(group, key, worker_id):
                continue
            attempt = group.attempts[key]
            if attempt.stopping:
                self._close(name, key, "cancelled", "withdrawn before it began", worker_id)
            else:
                self._emit(AttemptReturned(group=name, key=key))
        if message.gone:
            self._forget(name, worker_id, f"worker {worker_id} left without finishing it")
            self._set_timer("lease", name, worker_id, None)
        self._assign(name)

    def check_lease(self, name: str, worker_id: str, due: Millis) -> None:
        worker = self._group(name).workers.get(worker_id)
        if worker is None:
            return
        ends = worker.heard_at + LEASE_MS
        if ends <= self._at and self._at - due > LATE_MS and not worker.spared:
            self._emit(WorkerSpared(group=name, worker_id=worker_id))
            ends = self._at + LEASE_MS
        if ends > self._at:
            self._set_timer("lease", name, worker_id, ends)
        else:
            self._forget(name, worker_id, f"worker {worker_id} was silent for {LEASE_MS // 1000} s")

    def _group(self, name: str) -> Group:
        return self._groups.get(name, _NOBODY)

    def _emit(self, event: AnyDispatchEvent) -> None:
        apply(self._groups, event)
        self.step.events.append(event)

    def _send(self, topic: str, key: str, message: Message, partition: int | None = None) -> None:
        self.step.outbox.append(Outgoing(topic, key, message, partition))

    def _set_timer(self, kind: str, name: str, subject: str, due: Millis | None) -> None:
        self.step.timers.append(Timer(f"{kind}{SEPARATOR}{name}{SEPARATOR}{subject}", due))

    def _assign(self, name: str) -> None:
        group = self._group(name)
        while group.queue and group.free:
            key = group.queue.first()
            attempt = group.attempts[key]
            # Read only as it leaves: a long queue holds bytes, and what no worker could read fails with a reason.
            try:
                run = _RUNS.decode(bytes(attempt.run))
            except UnreadableMessage as unreadable:
                self._close(name, key, "failed", f"no worker could read this attempt: {unreadable.reason}")
                continue
            worker_id = next(iter(group.free))
            self._emit(AttemptAssigned(group=name, key=key, worker_id=worker_id, at=self._at))
            self._send("workers.inbox", worker_id, run, group.workers[worker_id].inbox)

    def _lose_unlisted(self, message: WorkerAnnounced, known: Worker, listed: dict[str, AttemptKey]) -> None:
        """A worker that was here before came back without some of what it ran."""
        group = self._group(message.group)
        for key in list(known.running):
            attempt = group.attempts.get(key)
            # What was sent after it announced itself, to the inbox that it reads, reaches it yet.
            sent_before = attempt is not None and (
                attempt.assigned_at < message.at or known.inbox != message.inbox
            )
            if key not in listed and sent_before:
                reason = f"worker {message.worker_id} restarted without it"
                self._lose(message.group, key, message.worker_id, reason)

    def _missing(self, message: WorkerReported, worker: Worker, freed: list[str]) -> list[str]:
        """Close what the worker should run and does not; return strangers that are simply over."""
        over = []
        listed = _keys(message.running or [])
        group = self._group(message.group)
        for key in list(worker.running):
            if key in listed or key in freed:
                continue
            attempt = group.attempts.get(key)
            if attempt is None:
                over.append(key)
            # By both clocks: the worker's may be ahead, and a heartbeat may have waited in the topic.
            elif min(message.at, self._at) - attempt.assigned_at > SETTLE_MS:
                self._lose(
                    message.group, key, message.worker_id, f"worker {message.worker_id} does not run it"
                )
        return over

    def _forget(self, name: str, worker_id: str, reason: str) -> None:
        group = self._group(name)
        for key in list(group.workers[worker_id].running):
            if key in group.attempts:
                self._lose(name, key, worker_id, reason)
        self._emit(WorkerForgotten(group=name, worker_id=worker_id))

    def _lose(self, name: str, key: str, worker_id: str, reason: str) -> None:
        # Killed and lost is killed: another attempt is not wanted.
        stopping = self._group(name).attempts[key].stopping
        self._close(name, key, "cancelled" if stopping else "lost", reason, worker_id)

    def _close(self, name: str, key: str, outcome: Outcome, reason: str, worker_id: str = "") -> None:
        attempt = self._group(name).attempts[key]
        self._cancel_stop(name, key)
        self._emit(AttemptClosed(group=name, key=key, execution_id=attempt.execution_id))
        self.say_ended(attempt, outcome, reason, worker_id)

    def _stop(self, name: str, key: str, attempt: Attempt) -> None:
        worker_id = attempt.worker_id or ""
        stop = StopAttempt(
            execution_id=attempt.execution_id, task_run_id=attempt.task_run_id, attempt=attempt.attempt
        )
        self._send("workers.inbox", worker_id, stop, self._group(name).workers[worker_id].inbox)
        self._set_timer("stop", name, key, self._at + STOP_AGAIN_MS)

    def _stop_fenced(self, message: WorkerAnnounced, key: AttemptKey, execution_id: str) -> None:
        stop = StopAttempt(execution_id=execution_id, task_run_id=key.task_run_id, attempt=key.attempt)
        self._send("workers.inbox", message.worker_id, stop, message.inbox)

    def _cancel_stop(self, name: str, key: str) -> None:
        attempt = self._group(name).attempts.get(key)
        if attempt is not None and attempt.stopping:
            self._set_timer("stop", name, key, None)


def _keys(attempts: list[AttemptKey]) -> dict[str, AttemptKey]:
    return {attempt_id(key.task_run_id, key.attempt): key for key in attempts}


def _runs_at(group: Group, key: str, worker_id: str) -> bool:
    attempt = group.attempts.get(key)
    return attempt is not None and attempt.worker_id == worker_id
