"""Just after a start, requests wait, within bounds, until web has read what it needs."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Protocol

from services.web.core.problem import unavailable


class Readable(Protocol):
    """A source that is read to its end once, and then followed."""

    @property
    def ready(self) -> bool: ...

    async def wait_ready(self) -> None: ...


class Opening:
    """Before all flows are read, web would answer 404 for flows that exist. Before the tails have found their ends, it could
    miss the answer to a write."""

    def __init__(self, sources: Sequence[Readable], seconds: float) -> None:
        self._sources = sources
        self._seconds = seconds
        self._over = False

    async def wait(self) -> None:
        """Return when everything is read. Raises Problem 503 if that takes too long."""
        if self._over:
            return
        try:
            async with asyncio.timeout(self._seconds):
                for source in self._sources:
                    await source.wait_ready()
        except TimeoutError:
            raise unavailable("Web is still reading flows, or cannot reach Kafka yet: ask again") from None
        self._over = True
