"""The part of an attempt that a stop may interrupt.

An attempt must end with a report, whenever it is stopped. So nobody cancels the asyncio task that reports: cancelled before its first
step it would never run, and cancelled while it stores outputs it would report nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, TypeAlias, TypeVar

T = TypeVar("T")
Stop: TypeAlias = Literal["cancelled", "abandoned"]
"""A kill, or the end of the worker."""


class Stoppable:
    def __init__(self) -> None:
        self._asked: Stop | None = None
        self._working: asyncio.Task[object] | None = None

    def stop(self, how: Stop) -> None:
        """Interrupt the work, or let it not begin. What has ended stays as it is."""
        self._asked = how
        if self._working is not None:
            self._working.cancel()

    async def run(self, work: Callable[[], Awaitable[T]]) -> T | Stop:
        """Return the result of the work, or how it was stopped."""
        if self._asked is not None:
            return self._asked
        task = self._working = asyncio.current_task()
        try:
            return await work()
        except asyncio.CancelledError:
            if self._asked is None or task is None:
                raise
            task.uncancel()
            return self._asked
        finally:
            self._working = None
