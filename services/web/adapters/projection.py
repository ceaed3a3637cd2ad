"""Knows how far the projection has come, by PostgreSQL's notifications. A read after a write waits for it."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import asyncpg
import orjson

from toccata.runtime.errors import Transient
from toccata.runtime.log import get_logger
from toccata.runtime.postgres import PostgresSettings, close, connect, deadline, outages

log = get_logger()

_CHANNEL = "projection"
_BACK_OFF_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0)
_CHECK_SECONDS = 15.0


class ProjectionWaiter:
    """Listens on one connection in the background. It reconnects by itself and then reads the positions again."""

    def __init__(self, settings: PostgresSettings) -> None:
        self._settings = settings
        self._positions: dict[tuple[str, int], int] = {}
        self._waiting: dict[tuple[str, int], list[tuple[int, asyncio.Future[None]]]] = {}
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen, in the background."""
        self._task = asyncio.get_running_loop().create_task(self._follow())

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def wait_for(self, topic: str, partition: int, offset: int, timeout: float) -> bool:  # noqa: ASYNC109 - an answer, not a cancellation
        """True when the record at ``offset`` is projected. False if ``timeout`` seconds pass first."""
        key = (topic, partition)
        if self._positions.get(key, 0) > offset:
            return True
        passed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        entry = (offset, passed)
        self._waiting.setdefault(key, []).append(entry)
        try:
            async with asyncio.timeout(timeout):
                await passed
        except TimeoutError:
            return False
        finally:
            rest = [each for each in self._waiting.get(key, ()) if each is not entry]
            if rest:
                self._waiting[key] = rest
            else:
                self._waiting.pop(key, None)
        return True

    async def _follow(self) -> None:
        failures = 0
        while True:
            try:
                connection = await connect(self._settings, "toccata-web-waiter")
                try:
                    await self._listen(connection)
                    failures = 0
                    await self._until_lost(connection)
                finally:
                    await close(connection)
            except (Transient, asyncpg.UndefinedTableError) as error:
                pause = _BACK_OFF_SECONDS[min(failures, len(_BACK_OFF_SECONDS) - 1)]
                failures += 1
                log.warning("projection_unobserved", reason=str(error), seconds=pause)
                await asyncio.sleep(pause)

    async def _listen(self, connection: asyncpg.Connection) -> None:
        """Listen first, then read: a commit between the two is then seen twice, and never missed."""
        async with outages():
            with deadline(connection, self._settings.query_seconds):
                await connection.add_listener(_CHANNEL, self._notified)
                rows = await connection.fetch("SELECT topic, partition, next_offset FROM projection_offsets")
        # Replace the positions, because a rebuild lowers them.
        self._positions = {}
        self._advance({(topic, partition): offset for topic, partition, offset in rows})

    async def _until_lost(self, connection: asyncpg.Connection) -> None:
        lost = asyncio.Event()
        connection.add_termination_listener(lambda _: lost.set())
        while not lost.is_set():
            try:
                async with asyncio.timeout(_CHECK_SECONDS):
                    await lost.wait()
            except TimeoutError:
                async with outages():
                    with deadline(connection, self._settings.query_seconds):
                        await connection.execute("SELECT 1")
        raise Transient("PostgreSQL: the connection was lost")

    def _notified(self, _connection: object, _pid: int, _channel: str, payload: object) -> None:
        news = orjson.loads(str(payload))
        self._advance(
            {
                (topic, int(partition)): offset
                for (topic, _, partition), offset in ((key.rpartition(":"), at) for key, at in news.items())
            }
        )

    def _advance(self, positions: dict[tuple[str, int], int]) -> None:
        for key, position in positions.items():
            self._positions[key] = position
            for offset, passed in self._waiting.get(key, ()):
                if position > offset and not passed.done():
                    passed.set_result(None)
