"""The ahead-of-time caches of the embedded Kafka's JVM (JEP 483). With one, the broker starts in half the time.

The JVM records a cache while the broker runs, and writes it when the broker ends. It also holds which methods were hot. So the cache that stays is
that of a broker which had work. Until there is one, that of an idle broker makes the start fast; once such a broker had work, the next start records
anew. Each environment has a cache of its own, because the JVM ignores one that was recorded with another path, other options or other jars.
"""

from __future__ import annotations

import hashlib
import os
import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

_KEPT = 8
"""Caches of so many environments stay, the last used. Each has some 75 MB."""
_DRAFT_SECONDS = 86_400
"""A draft that is older belongs to a broker that was killed."""


class AotCache:
    """One cache in a folder that environments share. ``command`` is all that decides whether the JVM can use it."""

    def __init__(self, folder: Path, java_version: str, command: Sequence[str]) -> None:
        mark = hashlib.sha256("\n".join(command).encode()).hexdigest()[:12]
        self._file = folder / f"java-{java_version}-{mark}.aot"
        self._idle_file = folder / f"java-{java_version}-{mark}-idle.aot"
        """What was recorded without work."""
        self._draft: Path | None = None

    def options(self) -> list[str]:
        """Return what makes the JVM use the cache of an earlier run, or record one."""
        quiet = ["-Xlog:aot*=off", "-Xlog:cds*=off"]
        for file in (self._file, self._idle_file):
            if file.exists():
                # The JRE ignores a cache that does not fit it.
                os.utime(file)
                return [f"-XX:AOTCache={file}", *quiet]
        self._draft = self._file.with_name(f"{self._file.name}.{uuid.uuid4().hex}")
        return [f"-XX:AOTCacheOutput={self._draft}", *quiet]

    def ended(self, *, clean: bool, worked: bool) -> None:
        """Keep what the JVM recorded, if it ended by itself. Make room for it. ``worked``: the broker did more than wait."""
        draft, self._draft = self._draft, None
        if draft is None:
            if worked and not self._file.exists():
                self._idle_file.unlink(missing_ok=True)
            return
        if not draft.exists():
            return
        if clean:
            draft.replace(self._file if worked else self._idle_file)
        else:
            draft.unlink()
        self._make_room()

    def _make_room(self) -> None:
        folder = self._file.parent
        with suppress(FileNotFoundError):  # another environment makes room at the same time
            caches = sorted(folder.glob("*.aot"), key=lambda file: file.stat().st_mtime, reverse=True)
            old = time.time() - _DRAFT_SECONDS
            drafts = [file for file in folder.glob("*.aot.*") if file.stat().st_mtime < old]
            for file in (*caches[_KEPT:], *drafts):
                file.unlink(missing_ok=True)
