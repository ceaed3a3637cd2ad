"""Receives answers to commands, on the partition of ``replies`` that this process names in them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from contracts.codec import Codec
from contracts.reply import Reply
from toccata.runtime.fetch import Fetched
from toccata.runtime.passed_over import take_each
from toccata.runtime.settings import KafkaSettings
from toccata.runtime.tail import TopicTail

TOPIC = "replies"


class ExpectedReplies:
    def __init__(self, futures: list[asyncio.Future[Reply]]) -> None:
        self._futures = futures

    async def all(self) -> list[Reply]:
        return [await future for future in self._futures]


class ReplyTail:
    """Several processes may share a partition, so replies to unknown requests are ignored."""

    def __init__(self, settings: KafkaSettings, client_id: str, partition: int) -> None:
        self.partition = partition
        self.tail = TopicTail(settings, f"{client_id}-replies", [(TOPIC, partition)], self._take)
        self._codec: Codec[Reply] = Codec(Reply)
        self._awaited: dict[str, asyncio.Future[Reply]] = {}

    @property
    def ready(self) -> bool:
        return self.tail.ready

    @contextmanager
    def expect(self, request_ids: Sequence[str]) -> Iterator[ExpectedReplies]:
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[Reply]] = [loop.create_future() for _ in request_ids]
        self._awaited.update(zip(request_ids, futures, strict=True))
        try:
            yield ExpectedReplies(futures)
        finally:
            for request_id, future in zip(request_ids, futures, strict=True):
                self._awaited.pop(request_id, None)
                future.cancel()

    def _take(self, records: list[Fetched]) -> None:
        take_each(records, self._answer)

    def _answer(self, record: Fetched) -> None:
        reply = self._codec.decode(record.value)
        future = self._awaited.get(reply.request_id)
        if future is not None and not future.done():
            future.set_result(reply)
