"""The registry over Kafka: follows ``namespaces.state``, sends commands, and waits for their answers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from contracts.codec import encode
from contracts.namespace import NamespaceCommand
from contracts.reply import Reply
from toccata.runtime.clock import monotonic
from toccata.runtime.errors import Transient
from toccata.runtime.fetch import Fetched, Reader
from toccata.runtime.kafka import Producer, Record
from toccata.runtime.log import get_logger
from toccata.runtime.namespace.entries import Entries
from toccata.runtime.passed_over import take_each
from toccata.runtime.reply_tail import ReplyTail
from toccata.runtime.settings import KafkaSettings

log = get_logger()
STATE, COMMANDS = "namespaces.state", "namespaces.commands"
_PARTITION = (STATE, 0)
_POLL_MS = 5_000
_BACK_OFF_SECONDS = 0.5
CATCH_UP_SECONDS = 10.0
ANSWER_SECONDS = 15.0


class KafkaRegistry:
    """It reads nothing until it is first needed, because most workers never use a value or a file of a namespace."""

    def __init__(
        self,
        settings: KafkaSettings,
        client_id: str,
        producer: Producer,
        replies: ReplyTail,
        *,
        runs_replies: bool,
    ) -> None:
        """``runs_replies``: nobody else reads the tail of answers."""
        self.entries = Entries()
        self._reader = Reader(settings, f"{client_id}-namespaces")
        # A second connection, because the first one waits in a long poll.
        self._asker = Reader(settings, f"{client_id}-namespaces-end")
        self._producer = producer
        self._replies = replies
        self._runs_replies = runs_replies
        self._moved = asyncio.Condition()
        self._position = self._end = 0
        self._asking = asyncio.Lock()
        self._asked = self._answered = 0
        self._tasks: list[asyncio.Task[None]] = []
        self.connected = True
        """False if the last read failed."""

    @property
    def reply_to(self) -> int:
        return self._replies.partition

    def lag(self) -> dict[str, int]:
        return self._reader.lag() if self._tasks else {}

    def open(self) -> None:
        """Begin to read. Repeating it changes nothing."""
        if not self._tasks:
            works = [self._run(), *([self._replies.tail.run()] if self._runs_replies else [])]
            self._tasks = [asyncio.create_task(work) for work in works]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._reader.stop()
        await self._asker.stop()

    async def catch_up(self) -> None:
        self.open()
        arrived = self._asked
        try:
            async with asyncio.timeout(CATCH_UP_SECONDS):
                async with self._asking:
                    # Many who wait share one question, if it was sent after they came.
                    if self._answered <= arrived:
                        await self._ask_end()
                async with self._moved:
                    await self._moved.wait_for(lambda: self._position >= self._end)
        except TimeoutError:
            raise Transient("values and files of namespaces are not read in time") from None

    async def ask(self, commands: Sequence[NamespaceCommand]) -> list[Reply]:
        self.open()
        deadline = monotonic() + ANSWER_SECONDS
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._replies.tail.wait_ready()
                with self._replies.expect([command.request_id for command in commands]) as expected:
                    records = [Record(command.namespace.encode(), encode(command)) for command in commands]
                    await self._producer.send(COMMANDS, records)
                    answers = await expected.all()
            async with asyncio.timeout(max(1.0, deadline - monotonic())):
                last = max((answer.change or 0 for answer in answers), default=0)
                async with self._moved:
                    await self._moved.wait_for(lambda: self.entries.change >= last)
        except TimeoutError:
            raise Transient("the registry did not answer in time; the change may still be made") from None
        return answers

    async def _run(self) -> None:
        assigned = False
        while True:
            try:
                if not assigned:
                    await self._reader.assign({_PARTITION: self._position or "earliest"})
                    assigned = True
                await self._follow()
            except Transient as error:
                if self.connected:
                    log.warning("tail_unreachable", topic=STATE, reason=str(error))
                self.connected = False
                await asyncio.sleep(_BACK_OFF_SECONDS)

    async def _follow(self) -> None:
        while True:
            async with self._moved:
                self._position = self._reader.position(*_PARTITION)
                self._moved.notify_all()
            take_each((await self._reader.poll(_POLL_MS)).get(_PARTITION, ()), self._take)
            self.connected = True

    def _take(self, record: Fetched) -> None:
        self.entries.apply(record.value)

    async def _ask_end(self) -> None:
        self._asked += 1
        asked = self._asked
        self._end = max(self._end, (await self._asker.end_offsets([_PARTITION]))[_PARTITION])
        self._answered = asked
