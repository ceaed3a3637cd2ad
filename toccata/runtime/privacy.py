"""Keeps a process of ours private: what it writes, its memory, and its environment."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

_PR_SET_DUMPABLE = 4


def keep_private() -> None:
    """New files are for the owner alone. On Linux, no other process of the same user can read this one's memory, environment
    and descriptors, or leave them in a core dump; root still can."""
    os.umask(0o077)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def private_folder(folder: Path) -> None:
    """Make it if it is missing, and close an existing one of ours to other users. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if folder.stat().st_uid == os.geteuid():
        folder.chmod(0o700)
