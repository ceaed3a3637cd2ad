"""A typed writer. Only this module and ``fetch`` send and receive records, over aiokafka's connection layer.

It is an idempotent producer with acks=all. Each batch has a deadline. If that passes, the outcome of this batch is unknown, and
its callers see :class:`Transient`. Batches of other partitions do not notice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable, Sequence
from functools import lru_cache
from typing import Any

from aiokafka.errors import KafkaError, NoError, for_code
from aiokafka.partitioner import murmur2
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.protocol.transaction import InitProducerIdRequest

from contracts.topics import HARD_RECORD_BYTES, TOPICS
from toccata.runtime.clock import PROCESS, monotonic
from toccata.runtime.cluster import OTHERS, Cluster, TopicPartition
from toccata.runtime.errors import RecordTooLarge, Transient
from toccata.runtime.produce_lane import BATCH_BYTES, Batch, Identity, Lane, Record
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.traffic import TRAFFIC

__all__ = ["BATCH_BYTES", "Producer", "Record", "partition_of"]

_ALL = -1
_REQUEST_BYTES = 8 * 1024 * 1024
_LEAST_SECONDS = 1.0


@lru_cache(maxsize=65_536)
def partition_of(key: bytes, partitions: int) -> int:
    """Choose a partition as Kafka's default partitioner does, so that foreign producers choose the same one."""
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)


class Producer:
    """Joins the records of many callers into one request for each broker, in order for each partition."""

    def __init__(
        self,
        settings: KafkaSettings,
        client_id: str,
        *,
        deadline_seconds: float = 20.0,
        compression: str | None = None,
    ) -> None:
        self._cluster = Cluster(settings, client_id)
        self._deadline = deadline_seconds
        self._compression = compression
        self._lanes: dict[TopicPartition, Lane] = {}
        self._waiting: set[Lane] = set()
        """Lanes that have batches."""
        self._identity: Identity | None = None
        self._busy: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._preparing = False
        self._dispatch_planned = False
        self._stopped = False

    async def start(self) -> None:
        """Connect. Raise Transient if the broker is away."""
        await self._cluster.connect()

    async def stop(self) -> None:
        """Wait for posted records (up to the deadline), then disconnect."""
        futures = [future for lane in self._waiting for future in lane.acknowledgements()]
        if futures:
            await asyncio.wait(futures, timeout=self._deadline)
        self._stopped = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._cluster.close()

    def topic(self, name: str) -> str:
        """Return the full name on the broker. Names of foreign topics stay as they are."""
        return self._cluster.name(name)

    def post(self, topic: str, record: Record) -> asyncio.Future[int]:
        """Add a record to its partition's next batch, and return the future of that batch. It raises Transient if sending fails."""
        _check(topic, record)
        partition = record.partition
        if partition is None:
            partition = partition_of(record.key or b"", TOPICS[topic].partitions)
        batch = self._lane(topic, partition).add(record, monotonic() + self._deadline)
        self._dispatch_soon()
        return batch.acknowledged

    async def send(self, topic: str, records: Iterable[Record]) -> None:
        """Send all records and wait for acknowledgement. Raise Transient (the outcome is unknown) or RecordTooLarge."""
        await settled({self.post(topic, record) for record in records})

    async def append(self, topic: str, partition: int, values: Sequence[bytes]) -> list[tuple[int, int]]:
        """Append to a journal, with one batch for each request limit. Return (base offset, count) of each batch.

        Raise Transient if the outcome is unknown."""
        return await self.send_to(topic, partition, [Record(None, value) for value in values])

    async def send_to(self, topic: str, partition: int, records: list[Record]) -> list[tuple[int, int]]:
        """Send batches to one partition and wait. Return (base offset, count) of each. Raise Transient if that fails."""
        for record in records:
            _check(topic, record)
        lane = self._lane(topic, partition)
        batches: list[Batch] = lane.add_alone(records, monotonic() + self._deadline)
        self._dispatch_soon()
        await settled({batch.acknowledged for batch in batches})
        return [(batch.acknowledged.result(), batch.count) for batch in batches]

    def _lane(self, topic: str, partition: int) -> Lane:
        lane = self._lanes.get((topic, partition))
        if lane is None:
            lane = self._lanes[topic, partition] = Lane(self.topic(topic), partition, self._compression)
        self._waiting.add(lane)
        return lane

    def _dispatch_soon(self) -> None:
        """Let what is posted in this turn of the loop travel together."""
        if not self._dispatch_planned and not self._stopped:
            self._dispatch_planned = True
            asyncio.get_running_loop().call_soon(self._dispatch)

    def _dispatch(self) -> None:
        self._dispatch_planned = False
        now = monotonic()
        by_node: dict[int, list[Lane]] = {}
        unprepared: list[Lane] = []
        for lane in self._due(now):
            node = self._cluster.known_leader(lane.name, lane.partition)
            if lane.identity is None and self._identity is not None and not lane.failed:
                lane.begin(self._identity)
            if node is None or lane.identity is None:
                unprepared.append(lane)
            elif node not in self._busy:
                by_node.setdefault(node, []).append(lane)
        for node, lanes in by_node.items():
            self._send_to(node, lanes)
        if unprepared and not self._preparing:
            self._preparing = True
            self._run(self._prepare(unprepared))

    def _due(self, now: float) -> list[Lane]:
        """Return the lanes whose first batch may leave now. Fail what waited too long, and come again for the others."""
        due, later = [], []
        for lane in [lane for lane in self._waiting if not lane.sending]:
            if lane.first.deadline <= now:
                lane.fail(now, "it waited too long")
                self._waiting.discard(lane)
            elif lane.retry_at > now:
                later.append(lane.retry_at)
            else:
                due.append(lane)
        if later:
            asyncio.get_running_loop().call_later(min(later) - now, self._dispatch_soon)
        return due

    async def _prepare(self, lanes: list[Lane]) -> None:
        """Find leaders, and give each lane an identity. One that failed gets one of its own, and the others keep theirs."""
        try:
            if self._identity is None:
                # All at once, so that the first record for a topic is not overtaken by those for others.
                await self._cluster.learn_ours()
            await self._cluster.learn({lane.name for lane in lanes})
            for lane in lanes:
                if lane.identity is None and lane.failed:
                    lane.begin(await self._new_identity())
                elif lane.identity is None:
                    self._identity = self._identity or await self._new_identity()
                    lane.begin(self._identity)
            reason = "it has no leader, or does not exist"
        except (Transient, KafkaError, OSError, TimeoutError) as error:
            reason = str(error) or repr(error)
        finally:
            self._preparing = False
        for lane in lanes:
            ready = self._cluster.known_leader(lane.name, lane.partition) is not None and lane.identity
            if lane and not lane.sending and not ready:
                lane.try_again(monotonic(), reason)
                self._leave_if_empty(lane)
        self._dispatch_soon()

    async def _new_identity(self) -> Identity:
        response = await self._cluster.send_to_any(InitProducerIdRequest(None, 0))
        if response.error_code:
            raise Transient(f"no producer id: {for_code(response.error_code).__name__}")
        return Identity(response.producer_id, response.producer_epoch)

    def _send_to(self, node: int, lanes: list[Lane]) -> None:
        size, taken = 0, []
        for lane in lanes:
            if size < _REQUEST_BYTES:
                size += len(lane.take())
                lane.sending = True
                taken.append(lane)
        self._busy.add(node)
        self._run(self._send(node, taken))

    async def _send(self, node: int, lanes: list[Lane]) -> None:
        seconds = max(_LEAST_SECONDS, min(lane.first.deadline for lane in lanes) - monotonic())
        topics: dict[str, list[tuple[int, bytes]]] = {}
        for lane in lanes:
            topics.setdefault(lane.name, []).append((lane.partition, lane.take()))
        TRAFFIC.produces += 1
        TRAFFIC.records_sent += sum(lane.first.count for lane in lanes)
        request = ProduceRequest(None, _ALL, int(seconds * 1000), list(topics.items()))
        answers: dict[tuple[str, int], tuple[int, int]] = {}
        reason = "no answer"
        began = monotonic()
        try:
            response = await self._cluster.send(node, request, seconds=seconds)
            answers = {
                (name, number): (code, offset)
                for name, partitions in response.topics
                for number, code, offset, *_ in partitions
            }
            _hear(node, response, monotonic() - began)
        except (KafkaError, OSError, TimeoutError, Transient) as error:
            reason = repr(error)
            await self._disconnect(node)
        finally:
            self._busy.discard(node)
            for lane in lanes:
                lane.sending = False
        for lane in lanes:
            answer = answers.get((lane.name, lane.partition))
            self._answered(lane, answer, reason)
            self._leave_if_empty(lane)
        self._dispatch_soon()

    async def _disconnect(self, node: int) -> None:
        self._cluster.cut(node, OTHERS)
        if self._busy == {node}:
            await self._cluster.close()  # so that the next attempt asks all known addresses

    def _answered(self, lane: Lane, answer: tuple[int, int] | None, reason: str) -> None:
        now = monotonic()
        code, offset = answer or (None, -1)
        error = None if code is None else for_code(code)
        if error is NoError:
            lane.landed(offset)
        elif error is None:
            lane.try_again(now, reason)
        elif error.retriable:
            lane.try_again(now, error.__name__)
            if error.invalid_metadata:
                self._cluster.forget_leaders()
        else:
            lane.fail(now, error.__name__)

    def _leave_if_empty(self, lane: Lane) -> None:
        if not lane:
            self._waiting.discard(lane)

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


async def settled(futures: Iterable[asyncio.Future[int]]) -> None:
    """Wait until each is acknowledged or failed. Then raise the first failure, if there is one. A cancellation reaches none of them."""
    waiting = list(futures)
    if not waiting:
        return
    await asyncio.wait(waiting)
    for future in waiting:
        future.result()


def _hear(node: int, response: Any, took_seconds: float) -> None:
    """Compare this process's clock with the broker's, which dates the records of our topics."""
    for _, partitions in response.topics:
        for _, code, _, *rest in partitions:
            if not code and rest and rest[0] >= 0:
                PROCESS.heard(node, rest[0], took_seconds)
                return


def _check(topic: str, record: Record) -> None:
    size = len(record.value or b"") + len(record.key or b"")
    if size > HARD_RECORD_BYTES:
        raise RecordTooLarge(
            f"a record of {size} bytes for topic {topic} is over the limit of {HARD_RECORD_BYTES}"
        )
