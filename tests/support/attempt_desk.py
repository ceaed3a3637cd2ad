"""Plays dispatch and executor in tests of the worker: fills its inbox, and reads all its messages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

from contracts.codec import Codec, encode
from contracts.execution import AttemptEnded, AttemptReport, AttemptStarted
from contracts.message import Message
from contracts.telemetry import AttemptLogs
from contracts.topics import TOPICS
from contracts.work import (
    RunAttempt,
    StopAttempt,
    WorkerAnnounced,
    WorkerDraining,
    WorkerEvent,
    WorkerReported,
)
from toccata.runtime.dead_letter import decode_dead_letter
from toccata.runtime.errors import Transient
from toccata.runtime.fetch import Reader
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.settings import KafkaSettings

SAID = ("workers.events", "executions.reports", "attempts.logs", "attempts.metrics", "dead")
USED = (*SAID, "workers.inbox")
DEADLINE_SECONDS = 30.0
T = TypeVar("T")
_reports: Codec[Any] = Codec(AttemptReport)
_events: Codec[Any] = Codec(WorkerEvent)
_logs: Codec[AttemptLogs] = Codec(AttemptLogs)


@dataclass
class AttemptDesk:
    settings: KafkaSettings
    producer: Producer
    ended: list[AttemptEnded] = field(default_factory=list)
    answers: list[tuple[bytes | None, AttemptEnded]] = field(default_factory=list)
    """The same with the keys of their records."""
    started: list[AttemptStarted] = field(default_factory=list)
    events: list[Any] = field(default_factory=list)
    logs: list[AttemptLogs] = field(default_factory=list)
    dead: list[Any] = field(default_factory=list)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def give(self, worker_id: str, *messages: Message) -> None:
        inbox = (await self.announcement(worker_id)).inbox
        records = [Record(worker_id.encode(), encode(message), partition=inbox) for message in messages]
        await self.producer.send("workers.inbox", records)

    async def give_raw(self, worker_id: str, key: bytes | None, value: bytes | None) -> None:
        inbox = (await self.announcement(worker_id)).inbox
        await self.producer.send("workers.inbox", [Record(key, value, partition=inbox)])

    async def kill(self, worker_id: str, run: RunAttempt) -> None:
        stop = StopAttempt(execution_id=run.execution_id, task_run_id=run.task_run_id, attempt=run.attempt)
        await self.give(worker_id, stop)

    async def announcement(self, worker_id: str) -> WorkerAnnounced:
        def found() -> WorkerAnnounced | None:
            all_of = [e for e in self.events if isinstance(e, WorkerAnnounced) and e.worker_id == worker_id]
            return all_of[-1] if all_of else None

        return await self.until(found)

    async def outcome_of(self, run: RunAttempt) -> AttemptEnded:
        def found() -> AttemptEnded | None:
            return next((e for e in self.ended if e.task_run_id == run.task_run_id), None)

        return await self.until(found)

    async def freed(self, run: RunAttempt) -> None:
        """Wait until dispatch would have heard that its place is free."""
        await self.until(lambda: run.task_run_id in self.freed_ids() or None)

    def freed_ids(self) -> list[str]:
        reports = [event for event in self.events if isinstance(event, WorkerReported)]
        return [key.task_run_id for report in reports for key in report.ended]

    def drained(self, worker_id: str) -> list[WorkerDraining]:
        return [e for e in self.events if isinstance(e, WorkerDraining) and e.worker_id == worker_id]

    def messages_of(self, run: RunAttempt) -> list[tuple[str, str]]:
        mine = [record for record in self.logs if record.task_run_id == run.task_run_id]
        return [(line.level, line.message) for record in mine for line in record.lines]

    async def until(self, found: Callable[[], T | None], seconds: float = DEADLINE_SECONDS) -> T:
        try:
            async with asyncio.timeout(seconds):
                while (result := found()) is None:
                    self.changed.clear()
                    await self.changed.wait()
        except TimeoutError:
            raise AssertionError(f"after {seconds} s the desk had only {self._seen()}") from None
        return result

    def _seen(self) -> str:
        said = {"started": self.started, "ended": self.ended, "logs": self.logs, "dead": self.dead}
        return "\n".join(
            f"{name}: {messages}" for name, messages in {**said, "events": self.events[-5:]}.items()
        )

    def take(self, topic: str, value: bytes | None, key: bytes | None) -> None:
        assert value is not None
        if topic == "executions.reports":
            message = _reports.decode(value)
            (self.ended if isinstance(message, AttemptEnded) else self.started).append(message)
            if isinstance(message, AttemptEnded):
                self.answers.append((key, message))
        elif topic == "workers.events":
            self.events.append(_events.decode(value))
        elif topic == "attempts.logs":
            self.logs.append(_logs.decode(value))
        elif topic == "dead":
            self.dead.append(decode_dead_letter(value))
        self.changed.set()


@asynccontextmanager
async def attempt_desk(settings: KafkaSettings) -> AsyncIterator[AttemptDesk]:
    producer, reader = Producer(settings, "desk"), Reader(settings, "desk")
    desk = AttemptDesk(settings, producer)
    await producer.start()
    await _assign(reader)

    async def read() -> None:
        while True:
            with suppress(
                Transient
            ):  # a leader may move just after a topic was created; the next poll goes on there
                for records in (await reader.poll()).values():
                    for record in records:
                        desk.take(record.topic, record.value, record.key)

    reading = asyncio.ensure_future(read())
    try:
        yield desk
    finally:
        reading.cancel()
        await producer.stop()
        await reader.stop()


async def _assign(reader: Reader) -> None:
    """Assign repeatedly, because new topics have no leaders at first."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            with suppress(Transient):
                await reader.assign(
                    {(name, p): "earliest" for name in SAID for p in range(TOPICS[name].partitions)}
                )
                return
