"""Keeps outcomes on disk until Kafka has them, in an append-only file that survives the process, but not a power cut.

Each outcome is a line ``topic TAB key TAB value``, because JSON has no raw tabs or newlines. A line of before has no topic.
A crash may leave a last line without newline. Its record was not sent yet, so dispatch declares that attempt lost.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from contracts.address import OUTCOMES, ReplyTo
from services.worker.ports import Outcome
from toccata.runtime.log import get_logger

SHRINK_BYTES = 1024 * 1024


class FileSpool:
    """On a full disk outcomes are sent without being kept. If the process dies first, dispatch declares those attempts lost."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
        self._pending = 0
        self._size = os.fstat(self._file).st_size
        self._whole = True

    def keep(self, records: Sequence[Outcome]) -> None:
        lines = b"".join(f"{to.topic}\t{to.key}\t".encode() + value + b"\n" for to, value in records)
        self._pending += len(records)
        try:
            written = os.write(self._file, lines)
        except OSError as error:
            self._refused(error.strerror)
            return
        if written < len(lines):
            # The part would make one line with what is kept next.
            os.ftruncate(self._file, self._size)
            self._refused("the disk took a part")
            return
        self._size += written
        self._whole = True

    def _refused(self, reason: str | None) -> None:
        if self._whole:
            get_logger().error("outcomes_not_kept", reason=reason, path=str(self._path))
        self._whole = False

    def release(self, count: int) -> None:
        """Empty the file if nothing is pending. Acknowledged lines in it would only be sent again, without effect."""
        self._pending -= count
        if self._pending == 0 and self._size > SHRINK_BYTES:
            os.ftruncate(self._file, 0)
            self._size = 0

    def close(self) -> None:
        """Close the file. Call this after everything was acknowledged."""
        if self._pending == 0:
            os.ftruncate(self._file, 0)
        os.close(self._file)


def left_in(path: Path) -> list[Outcome]:
    """Return the complete lines of a spool that has no writer any more."""
    if not path.exists():
        return []
    records = []
    for line in path.read_bytes().split(b"\n")[:-1]:
        *address, value = line.split(b"\t", 2)
        if address:
            *topic, key = [part.decode("utf-8", "replace") for part in address]
            records.append(Outcome(ReplyTo(topic[0] if topic else OUTCOMES, key), value))
    return records
