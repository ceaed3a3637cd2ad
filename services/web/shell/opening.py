"""The moment after a start: requests wait for what web has to read first, and not for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from services.web.core.problem import unavailable


class Readable(Protocol):
    """Something that is read to its end once, and followed from there."""

    @property
    def ready(self) -> bool: ...

    async def wait_ready(self) -> None: ...


class Opening:
    """Before the flows were read to their end, an unknown flow would be answered with a wrong 404; before the ends of the
    tails were found, the answer to a write could be missed."""

    def __init__(self, sources: Sequence[Readable], seconds: float) -> None:
        self._sources = sources
        self._seconds = seconds
        self._over = False

    async def wait(self) -> None:
        """Returns when all was read. Raises Problem 503 when that takes too long."""
        if self._over:
            return
        try:
            async with asyncio.timeout(self._seconds):
                for source in self._sources:
                    await source.wait_ready()
        except TimeoutError:
            raise unavailable(
                "Flows are still being read, or Kafka cannot be reached yet: ask again"
            ) from None
        self._over = True
