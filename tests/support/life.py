"""What a plain Kafka consumer sees of executions: every event of ``executions.events``, de-duplicated by ``seq``, folded.

It must never know anything else of the system: no HTTP, no database, none of our readers.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from contracts.codec import Codec, UnreadableMessage, encode
from contracts.execution import AnyExecutionEvent, ExecutionCreated, ExecutionEnded, ExecutionEvent
from contracts.topics import TOPICS
from tests.support.projection import SeenExecution
from toccata.runtime.settings import KafkaSettings

_codec: Codec[AnyExecutionEvent] = Codec(AnyExecutionEvent)
_POLL_MS = 200
_GLANCE_SECONDS = 0.5

T = TypeVar("T")
Done = Callable[[SeenExecution], bool]


@dataclass
class Life:
    """All executions according to their events. Records may come twice (same ``seq``). A gap or an illegal move raises."""

    executions: dict[str, SeenExecution] = field(default_factory=dict)
    events: dict[str, list[ExecutionEvent]] = field(default_factory=dict)
    duplicates: int = 0
    unreadable: list[str] = field(default_factory=list)
    """Reasons of records that an outsider wrote to the topic."""
    news: asyncio.Event = field(default_factory=asyncio.Event)

    def see(self, key: bytes | None, value: bytes | None) -> None:
        try:
            event = _codec.decode(value)
        except UnreadableMessage as unreadable:
            self.unreadable.append(unreadable.reason)
            return
        assert isinstance(event, ExecutionEvent)
        assert (key or b"").decode() == event.execution_id
        seen = self.executions.setdefault(event.execution_id, SeenExecution(event.execution_id))
        told = self.events.setdefault(event.execution_id, [])
        if event.seq <= seen.seq:
            assert encode(event) == encode(told[event.seq - 1]), (
                f"{event} was told otherwise before: {told[event.seq - 1]}"
            )
            self.duplicates += 1
            return
        seen.see(event)
        told.append(event)
        self.news.set()

    def flow_of(self, execution_id: str) -> str:
        created = self.events[execution_id][0]
        assert isinstance(created, ExecutionCreated)
        return created.flow_id

    def of_flow(self, flow_id: str) -> list[SeenExecution]:
        """Return the executions of this flow, in any order."""
        return [seen for seen in self.executions.values() if self.flow_of(seen.id) == flow_id]

    def reads(self, execution_id: str) -> str:
        """Return its life as text, for a failure's message."""
        told = self.events.get(execution_id, [])
        return "\n".join(f"  {encode(event).decode()[:300]}" for event in told) or "  (no event)"

    def has_ended(self, execution_id: str) -> bool:
        told = self.events.get(execution_id)
        return bool(told) and any(isinstance(event, ExecutionEnded) for event in told or [])


@dataclass
class Watch:
    """A life that goes on while a test looks at it."""

    life: Life
    _follower: asyncio.Task[None]

    async def until(self, execution_id: str, done: Done, seconds: float = 30) -> SeenExecution:
        """Return the execution once ``done`` is true of it. Past the deadline fail with its events."""

        def found() -> SeenExecution | None:
            seen = self.life.executions.get(execution_id)
            return seen if seen is not None and done(seen) else None

        return await self.first(found, seconds, lambda: self.life.reads(execution_id))

    async def ended(self, execution_id: str, seconds: float = 30) -> SeenExecution:
        """Return the execution once its last event is ``execution.ended``."""
        return await self.until(execution_id, lambda seen: _ended(self.life, seen), seconds)

    async def started_of(self, flow_id: str, count: int = 1, seconds: float = 30) -> list[SeenExecution]:
        """Return the executions of this flow, once there are ``count``."""

        def found() -> list[SeenExecution] | None:
            executions = self.life.of_flow(flow_id)
            return executions if len(executions) >= count else None

        return await self.first(found, seconds, lambda: f"{len(self.life.of_flow(flow_id))} of {flow_id}")

    async def first(self, find: Callable[[], T | None], seconds: float, otherwise: Callable[[], str]) -> T:
        """Return the first answer of ``find``, which is asked after each event."""
        deadline = time.monotonic() + seconds
        while True:
            self.life.news.clear()
            answer = find()
            if answer is not None:
                return answer
            if self._follower.done():
                self._follower.result()
            left = deadline - time.monotonic()
            if left <= 0:
                pytest.fail(f"not within {seconds:.0f} s:\n{otherwise()}", pytrace=False)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(min(left, _GLANCE_SECONDS)):
                    await self.life.news.wait()


def _ended(life: Life, seen: SeenExecution) -> bool:
    return isinstance(life.events[seen.id][-1], ExecutionEnded)


@contextlib.asynccontextmanager
async def watching(kafka: KafkaSettings) -> AsyncIterator[Watch]:
    """Follow executions.events from the beginning, even over restarts of the broker."""
    life = Life()
    async with following(
        kafka, "executions.events", lambda record: life.see(record.key, record.value)
    ) as follower:
        yield Watch(life, follower)


@contextlib.asynccontextmanager
async def following(
    kafka: KafkaSettings, topic: str, see: Callable[[Any], None]
) -> AsyncIterator[asyncio.Task[None]]:
    """Show each record of a topic from its beginning on, even over restarts of the broker."""
    consumer = await _consumer(kafka, topic)
    follower = asyncio.create_task(_follow(consumer, see))
    try:
        yield follower
    finally:
        follower.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await follower
        await consumer.stop()


async def _follow(consumer: AIOKafkaConsumer, see: Callable[[Any], None]) -> None:
    while True:
        for records in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
            for record in records:
                see(record)


async def records_of(kafka: KafkaSettings, topic: str) -> list[Any]:
    """Return every record of a topic from its beginning to its present end."""
    consumer = await _consumer(kafka, topic)
    try:
        ends = await consumer.end_offsets(list(consumer.assignment()))
        records: list[Any] = []
        behind = {partition for partition, end in ends.items() if end}
        deadline = time.monotonic() + 60
        while behind:
            assert time.monotonic() < deadline, f"{topic}: {behind} not read in time"
            for fetched in (await consumer.getmany(timeout_ms=_POLL_MS)).values():
                records.extend(fetched)
            behind = {p for p in behind if await consumer.position(p) < ends[p]}
        return records
    finally:
        await consumer.stop()


async def _consumer(kafka: KafkaSettings, topic: str) -> AIOKafkaConsumer:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka.bootstrap_servers,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        retry_backoff_ms=100,
    )
    await consumer.start()
    name = kafka.topic_prefix + topic
    consumer.assign([TopicPartition(name, number) for number in range(TOPICS[topic].partitions)])
    return consumer


@contextlib.asynccontextmanager
async def plain_producer(kafka: KafkaSettings) -> AsyncIterator[AIOKafkaProducer]:
    """Return a producer as in anybody's program."""
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka.bootstrap_servers, acks="all", max_request_size=1024 * 1024
    )
    await producer.start()
    try:
        yield producer
    finally:
        await producer.stop()
