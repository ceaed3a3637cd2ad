"""The data directory: a lock that keeps a second standalone out, and ``run.json``, which says what runs."""

from __future__ import annotations

import fcntl
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NotRequired, TextIO, TypedDict

from toccata.runtime.privacy import private_folder, write_private
from toccata.standalone.errors import NotRunning, StandaloneError
from toccata.standalone.secret import DATABASE_URL, FOLDER


class RunFile(TypedDict):
    """Contents of ``run.json``. It holds no password: those are in the folder ``secrets`` beside it (:mod:`secret`)."""

    pid: int
    url: str
    kafka_bootstrap_servers: str
    kafka_topic_prefix: str
    database_url: str
    ready: bool
    kafka_users: NotRequired[str]
    """The folder with the passwords of the embedded Kafka. Empty: another Kafka."""
    postgres_users: NotRequired[str]
    """The same of the embedded PostgreSQL."""
    pids: dict[str, int]
    health: dict[str, str]
    sign_in_kept: NotRequired[bool]
    """True if the sign-in is the one in ``sign-in.json``, False if variables set it. It never stands in this file."""


@contextmanager
def locked_home(home: Path) -> Iterator[None]:
    """Raises StandaloneError if another standalone has the lock, or if the directory cannot be written. The kernel
    releases the lock however this process ends."""
    try:
        private_folder(home)
        lock = (home / "lock").open("a+")
    except OSError as error:
        raise StandaloneError(
            f"{home} cannot be used as the data directory: {error.strerror}. Make it writable, or set TOCCATA_HOME"
            " to a folder that is."
        ) from error
    with lock:
        _take(lock, home)
        try:
            yield
        finally:
            with suppress(OSError):
                # If this fails, the file is harmless: its pid belongs to a process that has ended.
                (home / "run.json").unlink(missing_ok=True)
                (home / FOLDER / DATABASE_URL).unlink(missing_ok=True)


def _take(lock: TextIO, home: Path) -> None:
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


def write_run_file(home: Path, content: RunFile) -> None:
    write_private(home / "run.json", json.dumps(content, indent=2))


def write_targets(home: Path, health: dict[str, str]) -> None:
    """Tell Prometheus where the services' metrics are, in the format of ``file_sd_configs``. It holds no secret."""
    targets = [
        {"targets": [url.removeprefix("http://")], "labels": {"service": name}}
        for name, url in health.items()
    ]
    draft = home / "prometheus-targets.json.part"
    draft.write_text(json.dumps(targets, indent=2) + "\n")
    draft.replace(home / "prometheus-targets.json")


def read_run_file(home: Path) -> RunFile:
    """What runs on this home. Raises NotRunning if nothing runs, StandaloneError if the file is unreadable."""
    import msgspec  # here, since most commands need no run.json

    file = home / "run.json"
    try:
        content = msgspec.json.decode(own_text(file), type=RunFile)
    except (FileNotFoundError, NotADirectoryError):
        raise NotRunning(home) from None
    except OSError as error:
        raise StandaloneError(f"{file} cannot be read: {error.strerror}.") from error
    except msgspec.ValidationError as error:
        raise StandaloneError(f"{file} is damaged: it does not say what runs.") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise StandaloneError(f"{file} is damaged: it is not JSON.") from error
    if not _is_alive(content["pid"]):
        raise NotRunning(home)
    return content


def own_text(file: Path) -> bytes:
    """Read only a file that is ours or root's: passwords are sent to where it points. Never wait, as on a pipe."""
    with os.fdopen(os.open(file, os.O_RDONLY | os.O_NONBLOCK), "rb") as stream:
        status = os.fstat(stream.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise StandaloneError(f"{file} is damaged: it is not a file.")
        if status.st_uid not in (0, os.geteuid()):
            raise StandaloneError(
                f"{file} is not believed: it belongs to another user (uid {status.st_uid}), who could name any server in it."
            )
        return stream.read()


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        # The process exists, but belongs to another user.
        return True
    return True
