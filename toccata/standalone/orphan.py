"""Ends a server that outlived the process that started it, before another one opens the same files."""

import contextlib
import time
from pathlib import Path

import psutil

_CLOSE_SECONDS = 20.0
_LOOK_SECONDS = 0.05


def remember(pid_file: Path, pid: int) -> None:
    """Note which process has the directory of this file open, and since when: pids come again."""
    pid_file.write_text(f"{pid} {psutil.Process(pid).create_time()}")


def forget(pid_file: Path) -> None:
    pid_file.unlink(missing_ok=True)


def end_orphan(pid_file: Path) -> None:
    """Blocks until the noted process has ended: it closes its files by itself, and is killed if it does not."""
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
    """None where nothing was noted, or where a full disk cut the note short: the servers' own locks still hold."""
    try:
        pid, created = pid_file.read_text().split()
        return int(pid), float(created)
    except (FileNotFoundError, ValueError):
        return None


def _ends_within(process: psutil.Process, seconds: float) -> bool:
    """A zombie has ended: in a container whose first process reaps nothing it would stay for ever."""
    deadline = time.monotonic() + seconds
    while process.status() != psutil.STATUS_ZOMBIE:
        if time.monotonic() > deadline:
            return False
        # It is not our child, so the kernel does not tell us.
        time.sleep(_LOOK_SECONDS)
    return True
