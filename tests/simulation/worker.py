"""A worker of the simulated world. It reads its inbox, runs attempts and reports them. It may die, freeze, or repeat itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from contracts import codec
from contracts.codec import Codec
from contracts.evaluation import Answer
from contracts.execution import AttemptEnded, AttemptStarted
from contracts.work import (
    AskAnnouncement,
    AttemptKey,
    HeldAttempt,
    InboxMessage,
    RunAttempt,
    StopAttempt,
    WorkerAnnounced,
    WorkerDraining,
    WorkerEvent,
    WorkerReported,
)
from tests.simulation.memory import MemoryLog

_INBOX: Codec[RunAttempt | StopAttempt | AskAnnouncement] = Codec(InboxMessage)
HEARTBEAT_MS = 2_000
GROUPS = ("default", "default", "gpu")
"""Of the workers that a world begins with. A new worker takes the place of a dead one."""


@dataclass(slots=True)
class Running:
    attempt: RunAttempt
    started_at: int
    ends_at: int
    reported: bool = False


@dataclass(slots=True)
class SimWorker:
    id: str
    inbox: int
    slots: int
    light_slots: int
    log: MemoryLog
    random: Random
    group: str = "default"
    alive: bool = True
    frozen_until: int = 0
    position: int = 0
    received: int = 0
    heartbeat_at: int = 0
    running: dict[AttemptKey, Running] = field(default_factory=dict)
    started: list[tuple[AttemptKey, int]] = field(default_factory=list)
    """Every attempt that it ever began, with the time, for the invariants."""
    directories: set[str] = field(default_factory=set)
    """Those that attempts share here."""
    used: list[tuple[str, str]] = field(default_factory=list)
    """Directories that an attempt named when it arrived, with its step."""
    ended: set[AttemptKey] = field(default_factory=set)
    succeeded: set[AttemptKey] = field(default_factory=set)
    """Every attempt that it reported as succeeded."""
    sessions: int = 0
    draining: bool = False
    gone: bool = False
    delayed: WorkerEvent | None = None
    """A heartbeat that is sent again after what follows it."""

    @property
    def session(self) -> str:
        return f"{self.id}/{self.sessions}"

    def start(self, now: int) -> None:
        self.position = self.log.end("workers.inbox", self.inbox)
        self.begin_session(now)

    def restart(self, now: int) -> None:
        if not self.draining:
            self.running.clear()
            self.directories.clear()
            self.received = 0
            self.delayed = None
            self.start(now)

    def miss_records(self, now: int) -> None:
        """It finds that its position is not in the log any more."""
        self.start(now)

    def begin_session(self, now: int) -> None:
        self.sessions += 1
        self.announce(now, first=True)

    def drain(self, now: int) -> None:
        if not self.draining:
            self.draining = True
            self.say_draining(now)

    def say_draining(self, now: int, *, returned: list[AttemptKey] | None = None, gone: bool = False) -> None:
        self.tell_dispatch(
            WorkerDraining(
                group=self.group,
                worker_id=self.id,
                at=now,
                returned=returned or [],
                gone=gone,
                held=None if gone else self.held(),
            )
        )

    def held(self) -> list[HeldAttempt]:
        """What it runs under leases."""
        return [
            HeldAttempt(each.attempt.lease.number, each.attempt.execution_id, key.task_run_id, key.attempt)
            for key, each in self.running.items()
            if each.attempt.lease is not None
        ]

    def handed_out(self) -> list[AttemptKey]:
        return [key for key, each in self.running.items() if each.attempt.lease is None]

    def announce(self, now: int, *, first: bool = False) -> None:
        message = WorkerAnnounced(
            group=self.group,
            worker_id=self.id,
            inbox=self.inbox,
            slots=0 if self.draining else self.slots,
            at=now,
            running=self.handed_out(),
            received_through=self.received,
            light_slots=0 if self.draining else self.light_slots,
            session=self.session,
            first=first,
            held=self.held(),
        )
        self.heartbeat_at = now
        self.tell_dispatch(message)

    def step(self, now: int, duplicate: float) -> None:
        if not self.alive or self.gone or now < self.frozen_until:
            return
        for entry in self.log.read("workers.inbox", self.inbox, self.position, self.random.randint(1, 6)):
            self.position = entry.offset + 1
            self.take(_INBOX.decode(entry.value), now)
        for key in [k for k, r in self.running.items() if r.ends_at <= now]:
            self.end(key, now, duplicate)
        if now - self.heartbeat_at >= HEARTBEAT_MS:
            self.heartbeat_at = now
            self.beat(now)
        if self.draining and not self.running:
            self.gone = True
            self.say_draining(now, gone=True)

    def beat(self, now: int) -> None:
        heartbeat = WorkerReported(
            group=self.group,
            worker_id=self.id,
            inbox=self.inbox,
            at=now,
            running=self.handed_out(),
            received_through=self.received,
            session=self.session,
            held=self.held(),
        )
        late, self.delayed = self.delayed, heartbeat if self.random.random() < 0.1 else None
        if self.delayed is None:
            self.tell_dispatch(heartbeat)
        if late is not None:
            self.tell_dispatch(late)

    def take(self, message: RunAttempt | StopAttempt | AskAnnouncement, now: int) -> None:
        if not isinstance(message, StopAttempt):
            self.received = max(self.received, message.number)
        match message:
            case RunAttempt(lease=lease):
                key = AttemptKey(message.task_run_id, message.attempt)
                if lease is not None and (self.draining or lease.session != self.session):
                    return
                if message.directory is not None:
                    self.used.append((message.directory.id, message.directory.step))
                if message.directory is not None and message.directory.step == "discard":
                    self.directories.discard(message.directory.id)
                    self.send(Running(message, now, now), 0.0, now, outcome="succeeded")
                elif self.draining:
                    self.say_draining(now, returned=[key])
                elif key not in self.running and key not in self.ended:
                    self.running[key] = Running(
                        message, now, now + self.random.choice((0, 0, 5, 50, 500, 4_000))
                    )
                    self.started.append((key, now))
            case StopAttempt():
                self.stop_attempt(AttemptKey(message.task_run_id, message.attempt), now)
            case AskAnnouncement(anew=True):
                self.begin_session(now)
            case AskAnnouncement():
                self.announce(now)

    def stop_attempt(self, key: AttemptKey, now: int) -> None:
        found = self.running.pop(key, None)
        if found is not None:
            if found.attempt.directory is not None and found.attempt.directory.step != "use":
                self.directories.discard(found.attempt.directory.id)
            self.report(found, "cancelled", now, 0.0)

    def end(self, key: AttemptKey, now: int, duplicate: float) -> None:
        found = self.running.pop(key)
        if now - found.started_at > 100 and not found.reported:
            self.tell_executor(
                AttemptStarted(
                    execution_id=found.attempt.execution_id,
                    task_run_id=found.attempt.task_run_id,
                    attempt=found.attempt.attempt,
                    worker_id=self.id,
                    at=found.started_at,
                ),
            )
        if found.attempt.questions:
            self.answer(found, now, duplicate)
            return
        outcome = "failed" if self.random.random() < 0.15 else "succeeded"
        self.report(found, self.visit(found.attempt, outcome), now, duplicate)

    def visit(self, attempt: RunAttempt, outcome: str) -> str:
        """Do the step of a shared directory, as the worker does: one that fails leaves none."""
        if attempt.directory is None:
            return outcome
        name, step = attempt.directory.id, attempt.directory.step
        if step == "enter" and outcome == "succeeded":
            self.directories.add(name)
        elif step in ("use", "leave") and name not in self.directories:
            return "lost"
        elif step == "leave":
            self.directories.discard(name)
        return outcome

    def answer(self, found: Running, now: int, duplicate: float) -> None:
        """Give any answers that the questions allow. Now and then a template fails, or the whole attempt."""
        attempt = found.attempt
        draw = self.random.random
        answers = [
            Answer(error="no such secret")
            if draw() < 0.1
            else Answer(
                draw() < 0.7
                if question.form == "truth"
                else '["x", "y"]'
                if "LIST" in question.template
                else f"answer {attempt.attempt}"
            )
            for question in attempt.questions
        ]
        outcome = "failed" if draw() < 0.05 else "succeeded"
        self.send(found, duplicate, now, outcome=outcome, answers=answers)

    def report(self, found: Running, outcome: str, now: int, duplicate: float) -> None:
        attempt = found.attempt
        if outcome == "succeeded":
            self.succeeded.add(AttemptKey(attempt.task_run_id, attempt.attempt))
        outputs = {"value": f"{attempt.task_id}#{attempt.attempt}"}
        self.send(found, duplicate, now, outcome=outcome, outputs=outputs)

    def send(self, found: Running, duplicate: float, now: int, /, **end: Any) -> None:
        attempt = found.attempt
        ended = AttemptEnded(
            execution_id=attempt.execution_id,
            task_run_id=attempt.task_run_id,
            attempt=attempt.attempt,
            worker_id=self.id,
            at=now,
            started_at=found.started_at,
            **end,
        )
        for _ in range(2 if self.random.random() < duplicate else 1):
            self.tell_executor(ended)
            key = AttemptKey(attempt.task_run_id, attempt.attempt)
            self.ended.add(key)
            if attempt.lease is not None:
                continue
            self.tell_dispatch(
                WorkerReported(group=self.group, worker_id=self.id, inbox=self.inbox, at=now, ended=[key])
            )

    def tell_executor(self, message: AttemptStarted | AttemptEnded) -> None:
        self.log.append("executions.reports", message.execution_id.encode(), codec.encode(message))

    def tell_dispatch(self, message: WorkerEvent) -> None:
        self.log.append("workers.events", self.group.encode(), codec.encode(message))
