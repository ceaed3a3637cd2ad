"""Ends a server that outlived the process that started it, before another one opens the same files."""

import contextlib
from pathlib import Path

import psutil

_CLOSE_SECONDS = 20.0


def remember(pid_file: Path, pid: int) -> None:
    """Note which process has the directory of this file open, and since when: pids come again."""
    pid_file.write_text(f"{pid} {psutil.Process(pid).create_time()}")


def forget(pid_file: Path) -> None:
    pid_file.unlink(missing_ok=True)


def end_orphan(pid_file: Path) -> None:
    """Blocks until the noted process has ended: it closes its files by itself, and is killed if it does not."""
    if not pid_file.exists():
        return
    pid, created = pid_file.read_text().split()
    with contextlib.suppress(psutil.NoSuchProcess):
        orphan = psutil.Process(int(pid))
        if orphan.create_time() == float(created):
            try:
                orphan.wait(_CLOSE_SECONDS)
            except psutil.TimeoutExpired:
                orphan.kill()
                orphan.wait(_CLOSE_SECONDS)
    forget(pid_file)
