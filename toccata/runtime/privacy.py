"""Keeps a process of ours private: what it writes, its memory, and its environment; and files with secrets."""

from __future__ import annotations

import ctypes
import os
import secrets
import sys
from pathlib import Path

_PR_SET_DUMPABLE = 4
_PASSWORD_BYTES = 24


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


def write_private(file: Path, text: str) -> None:
    """Replace the file as a whole, so that a reader never sees half of it. Only its owner can read it. Raises OSError."""
    draft = file.with_name(f".{file.name}.part")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    draft.replace(file)


def kept_password(file: Path) -> str:
    """The password in this file. Makes one if there is none. Raises OSError."""
    if file.exists():
        return file.read_text()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    password = secrets.token_urlsafe(_PASSWORD_BYTES)
    write_private(file, password)
    return password
