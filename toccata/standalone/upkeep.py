"""Keeps one process alive: restarts it after a pause whenever it ends. Knows nothing of what the process does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Protocol

from toccata.standalone.errors import StandaloneError

_FIRST_PAUSE_SECONDS = 0.1
_LONGEST_PAUSE_SECONDS = 10.0
_HEALTHY_SECONDS = 30.0
"""After living this long, a process that ends gets the short pause again."""


class Unit(Protocol):
    """What can be kept alive: an embedded server or a service."""

    @property
    def pid(self) -> int | None: ...

    async def start(self) -> str: ...

    async def wait(self) -> int:
        """Cancelling the wait leaves the process running."""
        ...


class Pause:
    """How long to wait before the next start. It doubles each time, within bounds."""

    def __init__(self) -> None:
        self._next = _FIRST_PAUSE_SECONDS

    def after(self, lived_seconds: float) -> float:
        if lived_seconds >= _HEALTHY_SECONDS:
            self._next = _FIRST_PAUSE_SECONDS
        pause = self._next
        self._next = min(self._next * 2, _LONGEST_PAUSE_SECONDS)
        return pause


async def keep_alive(unit: Unit, on_start: Callable[[], None], on_end: Callable[[str], None]) -> None:
    """Start it, and restart it whenever it ends, until cancelled. Raises if the very first start fails."""
    pause = Pause()
    await unit.start()
    while True:
        started = time.monotonic()
        on_start()
        code = await unit.wait()
        on_end(f"killed by signal {-code}" if code < 0 else f"exit code {code}")
        lived = time.monotonic() - started
        while True:
            await asyncio.sleep(pause.after(lived))
            try:
                await unit.start()
                break
            except (StandaloneError, OSError) as error:
                on_end(str(error))
                lived = 0.0
