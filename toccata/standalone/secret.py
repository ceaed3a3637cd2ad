"""Secrets that a data directory keeps: a file each in its folder ``secrets``, which only the owner can read.

Scripts of flows do not see them where a worker isolates scripts (docs/guides/isolation.md).
"""

from __future__ import annotations

from pathlib import Path

from toccata.runtime.privacy import write_private

FOLDER = "secrets"
DATABASE_URL = "database-url"
"""The address of the database with its password, while a standalone runs."""


def write_secret(home: Path, name: str, text: str) -> None:
    folder = home / FOLDER
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    write_private(folder / name, text)


def read_secret(home: Path, name: str) -> str | None:
    """None if there is no such secret, or if it is not this user's."""
    try:
        return (home / FOLDER / name).read_text()
    except OSError:
        return None
