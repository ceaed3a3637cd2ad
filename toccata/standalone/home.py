"""The data directory: the lock against a second standalone on it, and ``run.json``, which says what runs."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypedDict

from toccata.standalone.errors import StandaloneError


class RunFile(TypedDict):
    """Contents of ``run.json``. It holds the database's password, so only its owner can read it."""

    pid: int
    url: str
    kafka_bootstrap_servers: str
    database_url: str
    ready: bool
    pids: dict[str, int]
    health: dict[str, str]


@contextmanager
def locked_home(home: Path) -> Iterator[None]:
    """Raises StandaloneError if another standalone has it. The kernel gives the lock back, however we end."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise StandaloneError(
                f"Another standalone (pid {lock.read().strip() or 'unknown'}) uses {home}. Stop it, or set TOCCATA_HOME"
                " (and TOCCATA_WEB_PORT) to run a second one beside it."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        try:
            yield
        finally:
            (home / "run.json").unlink(missing_ok=True)


def write_run_file(home: Path, content: RunFile) -> None:
    """Replaced as a whole, so a reader never sees half of it."""
    draft = home / "run.json.part"
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump(content, stream, indent=2)
    draft.replace(home / "run.json")


def read_run_file(home: Path) -> RunFile:
    """What runs on this home. Raises StandaloneError if nothing does."""
    try:
        content: RunFile = json.loads((home / "run.json").read_text())
        os.kill(content["pid"], 0)
    except (FileNotFoundError, ProcessLookupError):
        raise StandaloneError(
            f"No standalone runs on {home.absolute()}. Start one with `make run` or `toccata standalone`, or set TOCCATA_HOME."
        ) from None
    return content
