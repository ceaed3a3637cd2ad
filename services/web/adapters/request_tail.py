"""The tail of ``projection.commands``. Each replica of web offers to answer; the one whose offer stands first does (ADR 0030)."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from uuid import uuid4

from contracts.codec import Codec
from contracts.projection import ProjectionCommand, ProjectionRequest, RequestClaimed
from contracts.topics import TOPICS
from services.web.ports import LOGS, REQUESTS, Log
from toccata.runtime.errors import Transient
from toccata.runtime.fetch import Fetched, Reader
from toccata.runtime.kafka import partition_of
from toccata.runtime.log import get_logger
from toccata.runtime.passed_over import take_each
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.tail import TopicTail

log = get_logger()
MOST_KNOWN = 10_000
AT_ONCE = 4
Key = tuple[str, int]
"""Id of the request, and how often it was asked."""


class RequestTail:
    def __init__(
        self,
        settings: KafkaSettings,
        client_id: str,
        offers: Log,
        answer: Callable[[ProjectionRequest], Awaitable[None]],
    ) -> None:
        partitions = [(REQUESTS, number) for number in range(TOPICS[REQUESTS].partitions)]
        self.tail = TopicTail(settings, f"{client_id}-requests", partitions, self._take)
        self._ends = Reader(settings, f"{client_id}-ends")
        self._offers = offers
        self._answer = answer
        self._replica = uuid4().hex
        self._codec: Codec[ProjectionCommand] = Codec(ProjectionCommand)
        self._known: OrderedDict[Key, ProjectionRequest | None] = OrderedDict()
        """Requests that nobody has claimed. None: somebody has."""
        self._running: dict[str, asyncio.Task[None]] = {}
        self._free = asyncio.Semaphore(AT_ONCE)
        self._offering: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        try:
            await self.tail.run()
        finally:
            for task in (*self._offering, *self._running.values()):
                task.cancel()
            await self._ends.stop()

    async def end_of_logs(self, execution_id: str) -> tuple[int, int]:
        """The partition of an execution's log lines, and the offset of the next record there. Raises Transient."""
        partition = partition_of(execution_id.encode(), TOPICS[LOGS].partitions)
        return partition, (await self._ends.end_offsets([(LOGS, partition)]))[LOGS, partition]

    def _take(self, records: list[Fetched]) -> None:
        take_each(records, self._deliver)

    def _deliver(self, record: Fetched) -> None:
        message = self._codec.decode(record.value)
        key = (message.request_id, message.attempt)
        if isinstance(message, RequestClaimed):
            request = self._known.get(key)
            self._remember(key, None)
            if request is not None and message.replica == self._replica:
                self._begin(request)
        elif key not in self._known:
            self._remember(key, message)
            task = asyncio.get_running_loop().create_task(self._offer(key))
            self._offering.add(task)
            task.add_done_callback(self._offering.discard)

    def _remember(self, key: Key, request: ProjectionRequest | None) -> None:
        self._known[key] = request
        while len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)

    async def _offer(self, key: Key) -> None:
        claim = RequestClaimed(request_id=key[0], attempt=key[1], replica=self._replica)
        try:
            await self._offers.append(REQUESTS, [(key[0], claim)])
        except Transient as error:  # whoever asks will ask again
            log.warning("request_not_claimed", request=key[0], reason=str(error))

    def _begin(self, request: ProjectionRequest) -> None:
        if request.request_id in self._running:  # it will answer the earlier question
            return
        task = asyncio.get_running_loop().create_task(self._work(request))
        self._running[request.request_id] = task
        task.add_done_callback(lambda _: self._running.pop(request.request_id, None))

    async def _work(self, request: ProjectionRequest) -> None:
        async with self._free:
            await self._answer(request)
