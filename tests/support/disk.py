"""Disks that misbehave: one that is read-only, one that is nearly full. They are mounted, because permissions do not stop root."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def closed(folder: Path) -> Iterator[Path]:
    """Make a folder in which nobody can write."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() == 0:
        with _mounted(folder, "ro,size=64k"):
            yield folder
        return
    folder.chmod(0o500)
    try:
        yield folder
    finally:
        folder.chmod(0o700)


@contextmanager
def tiny(folder: Path, size: str = "1m") -> Iterator[Path]:
    """Make a disk of this size. Only root can; other tests use /dev/full."""
    folder.mkdir(parents=True, exist_ok=True)
    with _mounted(folder, f"size={size}"):
        yield folder


def can_mount() -> bool:
    """Return whether mounting works. In many containers even root cannot."""
    return os.geteuid() == 0 and subprocess.run(["unshare", "--mount", "true"], check=False).returncode == 0


@contextmanager
def _mounted(folder: Path, options: str) -> Iterator[None]:
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "none", str(folder)], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)
