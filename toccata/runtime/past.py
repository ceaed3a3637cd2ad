"""Asks web about what happened, over Kafka, because web alone reads the projection (ADR 0030)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Protocol

import msgspec

from contracts.codec import encode
from contracts.projection import ProjectionRequest
from contracts.reply import Reply
from toccata.runtime.errors import Transient
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.reply_tail import ReplyTail

COMMANDS = "projection.commands"
AGAIN_SECONDS = 60.0
MOST_ATTEMPTS = 60


class Past(Protocol):
    """What a worker needs of web."""

    @property
    def reply_to(self) -> int:
        """The partition that requests name for their answers."""
        ...

    async def ask(self, request: ProjectionRequest) -> Reply:
        """Return the answer. May raise Transient."""
        ...


class KafkaPast:
    def __init__(self, producer: Producer, replies: ReplyTail, follow: Callable[[], None]) -> None:
        """``follow`` begins to read the answers. Repeating it changes nothing."""
        self._producer = producer
        self._replies = replies
        self._follow = follow

    @property
    def reply_to(self) -> int:
        return self._replies.partition

    async def ask(self, request: ProjectionRequest) -> Reply:
        """Return the answer. A request without one is repeated each minute, in case web died. Raise Transient after an hour."""
        self._follow()
        await self._replies.tail.wait_ready()
        with self._replies.expect([request.request_id]) as expected:
            answer = asyncio.ensure_future(expected.all())
            try:
                for attempt in range(1, MOST_ATTEMPTS + 1):
                    message = msgspec.structs.replace(request, attempt=attempt)
                    await self._producer.send(
                        COMMANDS, [Record(request.request_id.encode(), encode(message))]
                    )
                    done, _ = await asyncio.wait({answer}, timeout=AGAIN_SECONDS)
                    if done:
                        return answer.result()[0]
            finally:
                answer.cancel()
        raise Transient("no web answered for an hour: is one running?")
