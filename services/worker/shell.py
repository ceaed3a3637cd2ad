"""The worker's loop: inbox to admission, admission to running attempts, their ends to the log; heartbeats; draining.

It knows nothing about flows. At its end, an attempt's outcome goes to the spool first. Its logs and the outcome are then sent
together. Dispatch hears that the place is free only after the log has acknowledged them. So if this process dies at any time,
an outcome is in the log, or in the spool, or dispatch still counts the attempt as here and declares it lost.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import TypeAlias

from contracts.codec import Codec, UnreadableMessage, encode
from contracts.execution import AttemptEnded, AttemptStarted
from contracts.scalars import AttemptId, attempt_id
from contracts.work import (
    AskAnnouncement,
    AttemptKey,
    InboxMessage,
    RunAttempt,
    StopAttempt,
    WorkerAnnounced,
    WorkerDraining,
    WorkerReported,
)
from services.worker.core.address import answers_of
from services.worker.core.admission import (
    Admission,
    Admitted,
    Begin,
    Cancel,
    GiveBack,
    SayCancelled,
    SayEnded,
)
from services.worker.core.attempt import key_of, wire_key
from services.worker.evaluation import EvaluationRunner
from services.worker.metrics import WorkerMetrics
from services.worker.polling import PollRunner
from services.worker.ports import Arrived, Inbox, Outbox, Outcome, Spool, Tasks
from services.worker.run_context import WorkerContext
from services.worker.runner import AttemptRunner
from toccata.runtime.clock import monotonic, now_ms
from toccata.runtime.dead_letter import dead_letter
from toccata.runtime.errors import Transient
from toccata.runtime.log import get_logger

HEARTBEAT_SECONDS = 2.0
STARTED_AFTER_SECONDS = 0.1
"""Shorter attempts report only their end."""
SILENT_SECONDS = 10.0
"""The worker is not ready after the inbox was silent for this long."""
RETRY_SECONDS = 0.5
log = get_logger()
Runner: TypeAlias = AttemptRunner | EvaluationRunner
_inbox_codec: Codec[InboxMessage] = Codec(InboxMessage)


@dataclass(frozen=True, slots=True)
class Identity:
    worker_id: str
    group: str
    slots: int
    light_slots: int
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ports:
    inbox: Inbox
    outbox: Outbox
    spool: Spool
    tasks: Tasks


class Worker:
    """:meth:`serve` starts it, and returns once ``stop`` is set and everything is reported."""

    def __init__(
        self, me: Identity, ports: Ports, shared: WorkerContext, admission: Admission, metrics: WorkerMetrics
    ) -> None:
        self._me = me
        self._inbox, self._outbox, self._spool, self._tasks = (
            ports.inbox,
            ports.outbox,
            ports.spool,
            ports.tasks,
        )
        self._shared = shared
        self._admission = admission
        self._metrics = metrics
        self._runners: dict[AttemptId, Runner] = {}
        self._group: asyncio.TaskGroup | None = None
        self._ended: list[AttemptKey] = []
        self._heartbeat_open = False
        self._received = 0
        """The highest number that dispatch gave to a record of our inbox."""
        self._idle = asyncio.Event()
        self._heard = float("-inf")
        metrics.watch(
            me.slots,
            lambda: [runner.task_type for runner in self._runners.values()],
            lambda: admission.waiting,
        )

    @property
    def ready(self) -> bool:
        return not self._admission.draining and monotonic() - self._heard < SILENT_SECONDS

    async def serve(self, stop: asyncio.Event, grace_seconds: float) -> None:
        await self._open_inbox()
        self._begin_session()
        async with asyncio.TaskGroup() as group:
            self._group = group
            loops = [group.create_task(self._read()), group.create_task(self._beat())]
            await stop.wait()
            self._drain()
            await self._finish(grace_seconds)
            await self._outbox.drained()
            for each in loops:
                each.cancel()
        self._say(WorkerDraining(group=self._me.group, worker_id=self._me.worker_id, at=now_ms(), gone=True))
        await self._outbox.drained()

    async def _open_inbox(self) -> None:
        while True:
            try:
                await self._inbox.open()
            except Transient as error:
                log.warning("inbox_unreachable", reason=str(error))
                await asyncio.sleep(RETRY_SECONDS)
            else:
                self._heard = monotonic()
                return

    async def _read(self) -> None:
        troubled = False
        while True:
            try:
                arrived = await self._inbox.poll()
            except Transient as error:
                if not troubled:
                    log.warning("inbox_unreachable", reason=str(error))
                troubled = True
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if troubled:
                log.info("inbox_reachable_again")
                troubled = False
            self._heard = monotonic()
            if self._inbox.take_gap():
                # The gap's records are unknown. What the announcement does not name is declared lost.
                self._begin_session()
            for each in arrived:
                self._receive(each)

    def _receive(self, arrived: Arrived) -> None:
        try:
            message = _inbox_codec.decode(arrived.value)
        except UnreadableMessage as unreadable:
            self._bury(arrived, unreadable.reason)
            if arrived.key == self._me.worker_id.encode():
                self._begin_session()  # it may have been an attempt under a lease
            return
        if arrived.key is None:
            self._bury(arrived, "the record has no key; the key must name a worker")
            return
        if arrived.key != self._me.worker_id.encode():
            return  # Workers may share a partition, and this record is another worker's.
        if isinstance(message, RunAttempt | AskAnnouncement):
            self._received = max(self._received, message.number)
        match message:
            case RunAttempt():
                self._follow(self._admission.take(message, heavy=self._is_heavy(message)))
            case StopAttempt():
                self._follow(self._admission.stop(message))
            case AskAnnouncement(anew=True):
                self._begin_session()
            case AskAnnouncement():
                self._announce()

    def _follow(self, admitted: Admitted) -> None:
        match admitted:
            case Begin(run=run):
                self._begin(run)
            case Cancel(key=key):
                self._runners[key].stop("cancelled")
            case SayCancelled():
                self._say_cancelled(admitted)
            case SayEnded(key=key):
                self._report_ended(key)
            case GiveBack(key=key):
                self._give_back([key])
            case None:
                pass

    def _is_heavy(self, run: RunAttempt) -> bool:
        if run.questions:
            return False
        find = self._tasks.task if run.poll is None else self._tasks.trigger
        found = find(run.task_type)
        return found is not None and found.kind == "heavy"

    def _bury(self, arrived: Arrived, reason: str) -> None:
        log.error("record_buried", topic="workers.inbox", offset=arrived.offset, reason=reason)
        self._metrics.buried()
        value = dead_letter(
            "workers.inbox", arrived.partition, arrived.offset, reason, arrived.key, arrived.value or b""
        )
        self._outbox.post("dead", "workers.inbox", value)

    def _begin(self, run: RunAttempt) -> None:
        assert self._group is not None
        runner: Runner
        if run.questions:
            runner = EvaluationRunner(run, self._shared, self._me.worker_id)
        elif run.poll is not None:
            trigger_type = self._tasks.trigger(run.task_type)
            runner = PollRunner(run, trigger_type, self._shared, self._me.worker_id)
        else:
            runner = AttemptRunner(run, self._tasks.task(run.task_type), self._shared, self._me.worker_id)
        self._runners[key_of(run)] = runner
        self._group.create_task(self._attend(run, runner))

    async def _attend(self, run: RunAttempt, runner: Runner) -> None:
        key = key_of(run)
        started = asyncio.get_running_loop().call_later(STARTED_AFTER_SECONDS, self._say_started, run, runner)
        try:
            ended = await runner.run()
        finally:
            started.cancel()
        del self._runners[key]
        self._metrics.ended(runner.outcome)
        outcome = Outcome(answers_of(run).to, ended)
        self._report(key, wire_key(run), outcome, leased=run.lease is not None)
        for begin in self._admission.end(key):
            self._begin(begin.run)
        if not self._runners:
            self._idle.set()
        await runner.close()

    def _report(self, key: AttemptId, wire: AttemptKey, outcome: Outcome, *, leased: bool = False) -> None:
        """Keep the outcome in the spool, then send it to the log. The outcome itself gives back a place under a lease."""
        self._spool.keep([outcome])

        def acknowledged() -> None:
            self._spool.release(1)
            self._admission.reported(key)
            if not leased:
                self._report_ended(wire)

        self._outbox.post(outcome.to.topic, outcome.to.key, outcome.value, acknowledged)

    def _say_started(self, run: RunAttempt, runner: Runner) -> None:
        message = AttemptStarted(
            execution_id=run.execution_id,
            task_run_id=run.task_run_id,
            attempt=run.attempt,
            worker_id=self._me.worker_id,
            at=runner.started_at,
        )
        to = answers_of(run).to
        self._outbox.post(to.topic, to.key, encode(message))

    def _say_cancelled(self, which: SayCancelled) -> None:
        wire = AttemptKey(which.task_run_id, which.attempt)
        message = AttemptEnded(
            execution_id=which.execution_id,
            task_run_id=which.task_run_id,
            attempt=which.attempt,
            outcome="cancelled",
            at=now_ms(),
            worker_id=self._me.worker_id,
            message="killed before it began",
        )
        key = attempt_id(which.task_run_id, which.attempt)
        self._report(key, wire, Outcome(which.to, encode(message)))

    def _report_ended(self, key: AttemptKey) -> None:
        """Report to dispatch. All attempts that end in one turn of the loop share a record."""
        if not self._ended:
            asyncio.get_running_loop().call_soon(self._flush_ended)
        self._ended.append(key)

    def _flush_ended(self) -> None:
        ended, self._ended = self._ended, []
        me = self._me
        self._say(
            WorkerReported(
                group=me.group, worker_id=me.worker_id, inbox=self._inbox.partition, at=now_ms(), ended=ended
            )
        )

    def _begin_session(self) -> None:
        """From now on, nothing begins that was sent under a lease of before."""
        self._admission.session = token_urlsafe(12)
        self._announce(first=True)

    def _announce(self, *, first: bool = False) -> None:
        me, admission = self._me, self._admission
        self._say(
            WorkerAnnounced(
                group=me.group,
                worker_id=me.worker_id,
                inbox=self._inbox.partition,
                slots=0 if admission.draining else me.slots,
                at=now_ms(),
                running=admission.held(),
                labels=dict(me.labels),
                received_through=self._received,
                light_slots=0 if admission.draining else me.light_slots,
                session=admission.session,
                first=first,
                held=admission.held_under_leases(),
            )
        )

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            idle = await self._shared.directories.remove_idle()
            if idle:
                log.warning("directories_removed", directories=idle)
            # While Kafka is away only one heartbeat waits, so that no old ones pile up.
            if not self._heartbeat_open:
                self._heartbeat_open = True
                self._outbox.post("workers.events", self._me.group, self._heartbeat(), self._beaten)

    def _beaten(self) -> None:
        self._heartbeat_open = False

    def _heartbeat(self) -> bytes:
        me = self._me
        return encode(
            WorkerReported(
                group=me.group,
                worker_id=me.worker_id,
                inbox=self._inbox.partition,
                at=now_ms(),
                running=self._admission.held(),
                received_through=self._received,
                session=self._admission.session,
                held=self._admission.held_under_leases(),
            )
        )

    def _give_back(self, keys: Sequence[AttemptKey]) -> None:
        me = self._me
        self._say(
            WorkerDraining(
                group=me.group,
                worker_id=me.worker_id,
                at=now_ms(),
                returned=list(keys),
                held=self._admission.held_under_leases(),
            )
        )

    def _say(self, message: WorkerAnnounced | WorkerReported | WorkerDraining) -> None:
        self._outbox.post("workers.events", self._me.group, encode(message))

    def _drain(self) -> None:
        returned = self._admission.drain()
        log.info("worker_draining", running=len(self._runners), returned=len(returned))
        self._give_back(returned)
        for runner in self._runners.values():
            if runner.waits:
                runner.stop("abandoned")

    async def _finish(self, grace_seconds: float) -> None:
        """Wait for running attempts. Abandon them after the grace period, and the executor tries them elsewhere."""
        self._idle.clear()
        if not self._runners:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(grace_seconds):
                await self._idle.wait()
                return
        log.warning("attempts_abandoned", attempts=len(self._runners))
        for runner in self._runners.values():
            runner.stop("abandoned")
        if self._runners:
            await self._idle.wait()
