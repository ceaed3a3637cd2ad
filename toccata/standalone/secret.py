"""Secrets that a data directory keeps: a file each in its folder ``secrets``, which only the owner can read.

Scripts of flows do not see them where a worker isolates scripts (docs/guides/isolation.md).
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

FOLDER = "secrets"
DATABASE_URL = "database-url"
"""The address of the database with its password, while a standalone runs."""


def write_secret(home: Path, name: str, text: str) -> None:
    """Replace the file as a whole, so that a reader never sees half of it."""
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    draft = folder / f".{name}.part"
    with suppress(FileNotFoundError):
        draft.unlink()
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
    draft.replace(folder / name)


def read_secret(home: Path, name: str) -> str | None:
    """None if there is no such secret, or if it is not this user's."""
    try:
        return (home / FOLDER / name).read_text()
    except OSError:
        return None
