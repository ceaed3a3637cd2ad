"""Messages about a disk that is full, read-only or closed."""

from __future__ import annotations

import errno
import shutil
from pathlib import Path

from toccata.standalone.errors import StandaloneError

_MEBIBYTE = 1024 * 1024
LEAST_FREE = 256 * _MEBIBYTE
"""Kafka and PostgreSQL reserve files of 16 to 128 MiB when they start. They stop if there is no room."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def disk_problem(error: OSError, place: Path) -> str:
    """Say in one sentence what is wrong and what to do. ``place`` is used if the error names no file."""
    where = error.filename if isinstance(error.filename, str) else str(place)
    if error.errno in _FULL:
        return f"{where} cannot be written: the disk is full. Make room, or set TOCCATA_HOME to a folder on another disk."
    reason = error.strerror or str(error)
    return f"{where} cannot be used: {reason}. Fix this, or set TOCCATA_HOME to another folder."


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free


def require_space(home: Path) -> None:
    """Refuse to start servers that would stop at once. Raises StandaloneError."""
    free = free_bytes(home)
    if free < LEAST_FREE:
        raise StandaloneError(
            f"Only {free // _MEBIBYTE} MiB are free for {home}; the embedded servers need {LEAST_FREE // _MEBIBYTE} MiB to"
            " start. Make room, or set TOCCATA_HOME to a folder on another disk."
        )
