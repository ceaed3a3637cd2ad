"""Follows one execution live: starts from a row, then applies its events. If event numbers are missing (the watch began
late, or too many events were unread), it reads the row again."""

from __future__ import annotations

from collections.abc import Callable

from contracts.execution import ExecutionCreated
from services.web.core.live import Live, begin, of_row
from services.web.core.problem import unavailable
from services.web.ports import EVENTS, Projection, Rows, Seen, Watch
from toccata.runtime.clock import monotonic

_CATCH_UP_SECONDS = 10.0


class Following:
    def __init__(self, watch: Watch, rows: Rows, projection: Projection) -> None:
        self._watch = watch
        self._rows = rows
        self._projection = projection
        self.live: Live | None = None

    async def load(self) -> Live | None:
        """Read the execution from the projection, unless more is known already."""
        row = await self._rows.get_execution(self._watch.execution_id)
        if row is not None and (self.live is None or row.seq > self.live.seq):
            self.live = of_row(row)
        return self.live

    async def advance(self, seconds: float) -> bool:
        """Apply events that have come, or wait for them. False if nothing new came in time."""
        changed = False
        for seen in await self._watch.next(seconds):
            changed = await self._take(seen) or changed
        return changed

    async def until(self, done: Callable[[Live], bool], deadline: float) -> None:
        """Return when the execution is known and ``done``, or at the deadline (on the monotonic clock). Raises Problem
        if web stops."""
        while self.live is None or not done(self.live):
            left = deadline - monotonic()
            if left <= 0:
                return
            if self._watch.closed:
                raise unavailable("This server is stopping; the execution goes on")
            await self.advance(left)

    async def _take(self, seen: Seen) -> bool:
        event, live = seen.event, self.live
        if live is None and isinstance(event, ExecutionCreated):
            self.live = begin(event)
            return True
        if live is not None and event.seq <= live.seq + 1:
            return live.apply(event)
        before = live.seq if live is not None else 0
        await self._projection.wait_for(EVENTS, seen.partition, seen.offset, _CATCH_UP_SECONDS)
        loaded = await self.load()
        if loaded is not None and event.seq == loaded.seq + 1:
            loaded.apply(event)
        return loaded is not None and loaded.seq > before
