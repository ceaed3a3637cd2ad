"""The working directories that attempts share. They live until a step of their flowable removes them, or this process ends.

One that nobody uses for a long time is removed: its execution may have ended while this worker could not be reached."""

from __future__ import annotations

import asyncio
import shutil
import stat
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from toccata.runtime.clock import monotonic

IDLE_SECONDS = 24 * 3_600.0
"""After this time without an attempt a directory is removed. Tasks that come later begin again with a new one."""


@dataclass(slots=True)
class Held:
    path: Path
    users: int = 0
    idle_since: float = 0.0


class Directories:
    """``scratch`` is the parent of all of them, as a real path."""

    def __init__(self, scratch: Path, clock: Callable[[], float] = monotonic) -> None:
        self.scratch = scratch
        self._clock = clock
        self._held: dict[str, Held] = {}

    def new(self) -> Path:
        """Make a directory that nobody shares. Whoever asks for it removes it."""
        return Path(tempfile.mkdtemp(dir=self.scratch))

    def make(self, name: str) -> None:
        """Make a directory to share, unless there is one of this name."""
        if name not in self._held:
            self._held[name] = Held(self.new(), idle_since=self._clock())

    def take(self, name: str) -> Path | None:
        """Return the directory, which then has one user more, or None if it is not here."""
        held = self._held.get(name)
        if held is None:
            return None
        held.users += 1
        return held.path

    def give_back(self, name: str) -> None:
        held = self._held.get(name)
        if held is not None:
            held.users -= 1
            held.idle_since = self._clock()

    async def remove(self, name: str) -> None:
        held = self._held.pop(name, None)
        if held is not None:
            await asyncio.to_thread(remove_directory, held.path)

    async def remove_idle(self) -> list[str]:
        """Remove those that nobody used for long, and return their names."""
        before = self._clock() - IDLE_SECONDS
        idle = [name for name, held in self._held.items() if not held.users and held.idle_since < before]
        for name in idle:
            await self.remove(name)
        return idle

    def names(self) -> list[str]:
        return list(self._held)


def remove_directory(directory: Path) -> None:
    def allow(function: Callable[..., object], path: str, _: object) -> None:
        """Make a folder accessible again that the task made unreadable."""
        with suppress(OSError):
            Path(path).parent.chmod(stat.S_IRWXU)
            Path(path).chmod(stat.S_IRWXU)
            function(path)

    shutil.rmtree(directory, onerror=allow)
