"""Ends a server that outlived its supervisor, before another server opens the same files."""

import contextlib
import time
from pathlib import Path

import psutil

_CLOSE_SECONDS = 20.0
_LOOK_SECONDS = 0.05


def remember(pid_file: Path, pid: int) -> None:
    """Note which process has this directory open, and when it started, because pids are reused."""
    pid_file.write_text(f"{pid} {psutil.Process(pid).create_time()}")


def forget(pid_file: Path) -> None:
    pid_file.unlink(missing_ok=True)


def end_orphan(pid_file: Path) -> None:
    """Block until the noted process has ended. It closes its files by itself, or is killed."""
    noted = _noted(pid_file)
    if noted is None:
        return
    pid, created = noted
    with contextlib.suppress(psutil.NoSuchProcess):
        orphan = psutil.Process(pid)
        if orphan.create_time() == created and not _ends_within(orphan, _CLOSE_SECONDS):
            orphan.kill()
            _ends_within(orphan, _CLOSE_SECONDS)
    forget(pid_file)


def _noted(pid_file: Path) -> tuple[int, float] | None:
    """None if there is no note, or if a full disk cut it short. The servers' own locks protect the files then."""
    try:
        pid, created = pid_file.read_text().split()
        return int(pid), float(created)
    except (FileNotFoundError, ValueError):
        return None


def _ends_within(process: psutil.Process, seconds: float) -> bool:
    """A zombie counts as ended. In a container whose first process reaps nothing, it stays for ever."""
    deadline = time.monotonic() + seconds
    while process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        # The process is not our child, so the kernel does not report its end.
        time.sleep(_LOOK_SECONDS)
    return True
