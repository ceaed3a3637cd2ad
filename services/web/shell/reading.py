"""Reads sources of flows without holding the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
INLINE_CHARS = 4_000
"""A shorter source is read at once, in less time than it takes to ask a thread."""
MOST_READERS = 2


class Reading:
    """A hostile source takes seconds. In a thread the loop gets its turn every few milliseconds; and few read at a time,
    so that a thousand of them do not share the processor with it."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(MOST_READERS)

    async def read(self, source: str, read: Callable[[str], T]) -> T:
        """Return ``read(source)``. Raise what it raises."""
        if len(source) <= INLINE_CHARS:
            return read(source)
        async with self._free:
            return await asyncio.to_thread(read, source)
