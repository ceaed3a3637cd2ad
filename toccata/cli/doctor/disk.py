"""Checks the disk: whether it has space, and whether internal storage is writable."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from toccata.cli.doctor.finding import Finding

_MEBIBYTE = 1024 * 1024
_LITTLE = 2 * 1024 * _MEBIBYTE
_TOO_LITTLE = 256 * _MEBIBYTE
"""Kafka stops when its disk is full, and a segment of its log has 128 MiB."""


def disk_space(home: Path) -> Finding:
    folder = existing(home.absolute())
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(
            "disk", "bad", f"{folder}: {error.strerror}", "Set TOCCATA_HOME to a folder that can be read."
        )
    text = f"{free // _MEBIBYTE:,} MiB are free for {home.absolute()}"
    advice = "Make room, or set TOCCATA_HOME to a folder on another disk."
    if free < _TOO_LITTLE:
        return Finding("disk", "bad", text, advice)
    return Finding("disk", "warn", text, advice) if free < _LITTLE else Finding("disk", "ok", text)


def storage(home: Path) -> Finding:
    """Write as a worker does, if storage is a folder on this machine."""
    location = os.environ.get("TOCCATA_STORAGE_URL") or str(home / "storage")
    if "://" in location and not location.startswith("file://"):
        return Finding("storage", "ok", f"{location} is not on this machine: workers check it")
    folder = Path(location.removeprefix("file://")).absolute()
    above = existing(folder)
    if above != folder:
        if os.access(above, os.W_OK):
            return Finding("storage", "ok", f"{folder} will be made")
        return Finding(
            "storage",
            "bad",
            f"{folder} cannot be made",
            f"Make {above} writable, or set TOCCATA_STORAGE_URL.",
        )
    try:
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".doctor-"):
            return Finding("storage", "ok", f"{folder} is writable")
    except OSError as error:
        advice = "Make it writable and see to free space, or set TOCCATA_STORAGE_URL."
        return Finding("storage", "bad", f"{folder}: {error.strerror}", advice)


def existing(folder: Path) -> Path:
    """The folder itself, or the nearest existing one above it."""
    return next(each for each in (folder, *folder.parents) if each.exists())
