"""A typed writer over aiokafka. Only this module and ``fetch`` send and receive records with the client.

An idempotent producer sends everything in explicit batches with acks=all and a deadline. If the deadline passes, the outcome
is unknown: the producer and its queue are thrown away, and callers see :class:`Transient`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError
from aiokafka.partitioner import murmur2

from contracts.cloudevent import Headers
from contracts.topics import HARD_RECORD_BYTES, TOPICS
from toccata.runtime.errors import Fatal, RecordTooLarge, Transient
from toccata.runtime.settings import KafkaSettings

BATCH_BYTES = 1_000_000
_RECORD_OVERHEAD = 100


@dataclass(slots=True)
class Record:
    key: bytes | None
    value: bytes | None
    headers: Headers | Sequence[tuple[str, bytes]] = ()
    partition: int | None = None
    """None: chosen by the key."""
    timestamp_ms: int | None = None


@lru_cache(maxsize=65_536)
def partition_of(key: bytes, partitions: int) -> int:
    """Choose a partition as Kafka's default partitioner does, so that foreign producers choose the same one."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


class Producer:
    """Joins the records of many callers into one request, in order for each partition."""

    def __init__(
        self,
        settings: KafkaSettings,
        client_id: str,
        *,
        deadline_seconds: float = 20.0,
        compression: str | None = None,
    ) -> None:
        self._settings = settings
        self._client_id = client_id
        self._deadline = deadline_seconds
        self._compression = compression
        self._client: AIOKafkaProducer | None = None
        self._starting: asyncio.Future[AIOKafkaProducer] | None = None
        self._pending: dict[tuple[str, int], list[Record]] = {}
        self._pending_done: asyncio.Future[None] | None = None
        self._flushes: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Connect. Raise Transient if the broker is away."""
        await self._connected()

    async def stop(self) -> None:
        """Wait for posted records (up to the deadline), then disconnect."""
        while self._flushes:
            await asyncio.wait(list(self._flushes), timeout=self._deadline)
        if self._client is not None:
            client, self._client = self._client, None
            with suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(client.stop(), 5)

    def topic(self, name: str) -> str:
        """Return the full name on the broker. Names of foreign topics stay as they are."""
        return self._settings.topic_prefix + name if name in TOPICS else name

    def post(self, topic: str, record: Record) -> asyncio.Future[None]:
        """Add a record to the next batch. All records of a batch share the future. It raises Transient if sending fails."""
        size = len(record.value or b"") + len(record.key or b"")
        if size > HARD_RECORD_BYTES:
            raise RecordTooLarge(
                f"a record of {size} bytes for topic {topic} is over the limit of {HARD_RECORD_BYTES}"
            )
        partition = record.partition
        if partition is None:
            partition = partition_of(record.key or b"", TOPICS[topic].partitions)
        self._pending.setdefault((topic, partition), []).append(record)
        if self._pending_done is None:
            loop = asyncio.get_running_loop()
            self._pending_done = loop.create_future()
            self._pending_done.add_done_callback(_retrieve)
            loop.call_soon(self._flush_soon)
        return self._pending_done

    async def send(self, topic: str, records: Iterable[Record]) -> None:
        """Send all records and wait for acknowledgement. Raise Transient (the outcome is unknown) or RecordTooLarge."""
        done = None
        for record in records:
            done = self.post(topic, record)
        if done is not None:
            await asyncio.shield(done)

    async def append(self, topic: str, partition: int, values: Sequence[bytes]) -> list[tuple[int, int]]:
        """Append to a journal, with one batch for each request limit. Return (base offset, count) of each batch.

        Raise Transient if the outcome is unknown. The producer is then already thrown away."""
        records = [Record(None, value) for value in values]
        return await self.send_to(topic, partition, records)

    def _flush_soon(self) -> None:
        pending, done = self._pending, self._pending_done
        self._pending, self._pending_done = {}, None
        assert done is not None
        task = asyncio.get_running_loop().create_task(self._flush(pending, done))
        self._flushes.add(task)
        task.add_done_callback(self._flushes.discard)

    async def _flush(self, pending: dict[tuple[str, int], list[Record]], done: asyncio.Future[None]) -> None:
        try:
            acks = [
                await self._enqueue(topic, partition, records)
                for (topic, partition), records in pending.items()
            ]
            await self._acknowledged([future for futures in acks for future, _ in futures])
        except asyncio.CancelledError:
            done.cancel()
            raise
        except Exception as error:  # any error must reach the waiting callers
            done.set_exception(error if isinstance(error, Transient) else Fatal(f"sending: {error!r}"))
            if not isinstance(error, Transient):
                raise
        else:
            done.set_result(None)

    async def send_to(self, topic: str, partition: int, records: list[Record]) -> list[tuple[int, int]]:
        """Send batches to one partition and wait. Return (base offset, count) of each. Raise Transient if that fails."""
        futures = await self._enqueue(topic, partition, records)
        metadata = await self._acknowledged([future for future, _ in futures])
        return [(data.offset, count) for data, (_, count) in zip(metadata, futures, strict=True)]

    async def _enqueue(
        self, topic: str, partition: int, records: list[Record]
    ) -> list[tuple[asyncio.Future[Any], int]]:
        client = await self._connected()
        name = self.topic(topic)
        sent = []
        try:
            async with asyncio.timeout(self._deadline):
                for batch, count in _batches(client, records):
                    sent.append((await client.send_batch(batch, name, partition=partition), count))
        except (KafkaError, TimeoutError, AssertionError) as error:
            await self._discard(client)
            raise Transient(f"sending to {name}/{partition}: {error!r}") from error
        return sent

    async def _acknowledged(self, futures: Sequence[asyncio.Future[Any]]) -> list[Any]:
        client: Any = self._client
        try:
            async with asyncio.timeout(self._deadline):
                return [await asyncio.shield(future) for future in futures]
        except (KafkaError, TimeoutError) as error:
            for future in futures:
                future.add_done_callback(_retrieve)
            await self._discard(client)
            raise Transient(f"not acknowledged: {error!r}") from error

    async def _discard(self, client: Any) -> None:
        """Throw the producer away. An idempotent producer that lost track of a sequence never recovers."""
        if client is None or client is not self._client:
            return
        self._client = None
        lost: Any = client
        lost._message_accumulator.fail_all(KafkaError("producer discarded"))  # noqa: SLF001 - there is no public way to fail queued records
        with suppress(Exception):
            await asyncio.wait_for(lost.stop(), 1)

    async def _connected(self) -> AIOKafkaProducer:
        if self._client is not None:
            return self._client
        if self._starting is None:
            self._starting = asyncio.ensure_future(self._connect())
            self._starting.add_done_callback(lambda _: setattr(self, "_starting", None))
        return await asyncio.shield(self._starting)

    async def _connect(self) -> AIOKafkaProducer:
        client = AIOKafkaProducer(
            **self._settings.client_options(),
            client_id=self._client_id,
            acks="all",
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            max_request_size=BATCH_BYTES + 200_000,
            request_timeout_ms=int(self._deadline * 1000),
            compression_type=self._compression,
            retry_backoff_ms=50,
            metadata_max_age_ms=60_000,
        )
        try:
            async with asyncio.timeout(self._deadline):
                await client.start()
        except (KafkaError, OSError, TimeoutError) as error:
            with suppress(Exception):
                await asyncio.wait_for(client.stop(), 1)
            raise Transient(f"cannot reach Kafka at {self._settings.bootstrap_servers}: {error!r}") from error
        self._client = client
        return client


def _batches(client: AIOKafkaProducer, records: list[Record]) -> Iterable[tuple[Any, int]]:
    batch, count = client.create_batch(), 0
    for record in records:
        headers = list(record.headers)
        appended = batch.append(
            key=record.key, value=record.value, timestamp=record.timestamp_ms, headers=headers
        )
        if appended is None:
            yield batch, count
            batch, count = client.create_batch(), 0
            appended = batch.append(
                key=record.key, value=record.value, timestamp=record.timestamp_ms, headers=headers
            )
            assert appended is not None, "the size check let a record over the batch size pass"
        count += 1
    if count:
        yield batch, count


def _retrieve(future: asyncio.Future[Any]) -> None:
    """Mark an exception as seen, because not every caller of a shared batch waits for it."""
    if not future.cancelled():
        future.exception()
