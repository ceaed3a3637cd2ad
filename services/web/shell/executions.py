"""Executions as callers see them. A read waits, within bounds, until it shows everything that this web accepted or saw."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from contracts.states import ENDED
from services.web.core.live import Live, of_row
from services.web.core.problem import not_found, unavailable
from services.web.core.rows import ExecutionRow
from services.web.core.search.query import Leaf, Op, Query
from services.web.ports import EVENTS, Projection, Rows, Tail, Watch
from services.web.shell.following import Following
from toccata.runtime.clock import monotonic, now_ms

REACTION_SECONDS = 10.0
"""How long a stream waits for the first event of an execution."""
SETTLE_SECONDS = 2.0
FRAME_SECONDS = 0.2
"""The least time between two snapshots of a stream. Events in between share one."""
HEARTBEAT_SECONDS = 15.0
CORRELATION = "system.correlationId"
LOOK_SECONDS = 0.5
"""How often a stream looks whether executions that belong together have changed."""
MOST_TOGETHER = 1_000


class Executions:
    def __init__(self, tail: Tail, rows: Rows, projection: Projection) -> None:
        self._tail = tail
        self._rows = rows
        self._projection = projection

    async def find(self, execution_id: str) -> Live | None:
        row = await self.row(execution_id)
        return None if row is None else of_row(row)

    async def get(self, execution_id: str) -> Live:
        """Raises Problem 404."""
        found = await self.find(execution_id)
        if found is None:
            raise not_found()
        return found

    async def known(self, execution_id: str) -> None:
        """Return if the execution exists, or was just accepted. Raises Problem 404."""
        if self._tail.recent(execution_id) is None and await self._rows.get_execution(execution_id) is None:
            raise not_found()

    async def row(self, execution_id: str) -> ExecutionRow | None:
        """Raises Problem 503 for an execution that was accepted but is not visible yet."""
        shown = await self.settle(execution_id)
        found = await self._rows.get_execution(execution_id)
        if found is None and not shown:
            raise unavailable("The execution was accepted but is not visible yet: ask again")
        return found

    async def children(self, execution_id: str) -> list[ExecutionRow]:
        """The executions that its task runs started."""
        rows = [await self.row(child) for child in await self._rows.children(execution_id)]
        return [row for row in rows if row is not None]

    async def settle(self, execution_id: str) -> bool:
        """Wait until the projection has the last known event of a recent execution. False if that takes too long."""
        deadline = monotonic() + SETTLE_SECONDS
        recent = self._tail.recent(execution_id)
        if recent is not None and recent[1] < 0:
            with self._tail.watch(execution_id) as watch:
                await watch.next(SETTLE_SECONDS)
            recent = self._tail.recent(execution_id)
        if recent is None:
            return True
        return recent[1] >= 0 and await self._projection.wait_for(
            EVENTS, *recent, max(0.0, deadline - monotonic())
        )

    def following(self, watch: Watch) -> Following:
        return Following(watch, self._rows, self._projection)

    async def follow_together(
        self, execution_id: str, chosen: Callable[[list[ExecutionRow]], list[ExecutionRow]]
    ) -> AsyncGenerator[list[ExecutionRow], None]:
        """What is chosen of the executions with the same correlation id, the oldest first, again and again until all of these have
        ended or web stops.

        Raises Problem 404 before the first."""
        with self._tail.watch(execution_id) as watch:
            live = await self.get(execution_id)
            same = Leaf("labels", Op.EQUALS, (live.labels.get(CORRELATION, live.id),), CORRELATION)
            while True:
                query = Query(now=now_ms(), where=same, size=MOST_TOGETHER)
                rows, _ = await self._rows.search_executions(query)
                rows = chosen(sorted(rows, key=lambda row: (row.created_at, row.id)))
                yield rows
                if watch.closed or all(row.state in ENDED for row in rows):
                    return
                await watch.next(LOOK_SECONDS)

    async def follow(self, execution_id: str) -> AsyncGenerator[Live | None, None]:
        """Snapshots until the execution has ended or web stops. Gives None after each stretch of silence.

        Raises Problem 404 before the first."""
        with self._tail.watch(execution_id) as watch:
            following = self.following(watch)
            # Events before the watch come from the projection, so it must have them.
            await self.settle(execution_id)
            if await following.load() is None and not await following.advance(REACTION_SECONDS):
                raise not_found()
            assert following.live is not None
            yield following.live
            while not following.live.settled and not watch.closed:
                if await following.advance(HEARTBEAT_SECONDS):
                    if not following.live.settled:
                        await asyncio.sleep(FRAME_SECONDS)
                        if watch.pending:
                            await following.advance(0)
                    yield following.live
                else:
                    yield None
