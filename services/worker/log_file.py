"""The log of an attempt as one file (``logToFile``): gathered on this machine, then put into internal storage."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Iterable
from pathlib import Path

from contracts.scalars import to_iso
from contracts.telemetry import LogLine
from toccata.runtime.storage import InternalStorage


class LogFile:
    """Nothing exists before the first line. :meth:`discard` must be called at the end."""

    def __init__(self) -> None:
        self._path: Path | None = None

    def write(self, lines: Iterable[LogLine]) -> None:
        """A line has its date, its level and its message, as the download of a log has them."""
        if self._path is None:
            with tempfile.NamedTemporaryFile(prefix="toccata-log-", suffix=".log", delete=False) as file:
                self._path = Path(file.name)
        with self._path.open("a", encoding="utf-8", errors="replace") as file:
            file.writelines(f"{to_iso(line.at)} {line.level} {line.message}\n" for line in lines)

    async def keep(self, storage: InternalStorage, uri: str) -> str:
        """Store the file, an empty one if there were no lines, and return its URI. Raise Transient."""
        return await storage.put(uri, self._path if self._path is not None else b"")

    async def discard(self) -> None:
        if self._path is not None:
            await asyncio.to_thread(self._path.unlink, missing_ok=True)
            self._path = None
