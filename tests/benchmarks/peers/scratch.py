"""Installs the rivals in a folder of their own: their packages never mix with ours."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import psutil

RESTATE = "1.7.12"
PACKAGES = ("restate-sdk[serde]==1.3.0", "hypercorn==0.18.0", "dbos==3.4.0")
PROGRAMS = Path(__file__).parent / "programs"
_START_SECONDS = 60.0
_GLANCE_SECONDS = 0.05


class Scratch:
    """One folder, ``build/peers`` in the project, which keeps the installed rivals from run to run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.python = folder / "venv" / "bin" / "python"

    @property
    def restate_server(self) -> Path:
        return next(self.folder.glob("node_modules/@restatedev/restate-server-*/bin/restate-server"))

    def install(self) -> None:
        """Install what is missing, with the ordinary clients. It takes a minute the first time."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.python.exists():
            subprocess.run([sys.executable, "-m", "venv", self.folder / "venv"], check=True)
        pip: list[str | Path] = [
            self.python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            *PACKAGES,
        ]
        subprocess.run(pip, check=True)
        if not list(self.folder.glob("node_modules/@restatedev/restate-server-*")):
            npm: list[str | Path] = [
                "npm",
                "install",
                "--no-audit",
                "--no-fund",
                "--silent",
                "--prefix",
                self.folder,
            ]
            subprocess.run([*npm, f"@restatedev/restate-server@{RESTATE}"], check=True)


class Processes:
    """Starts programs, adds up their CPU, and ends them by their own pid."""

    def __init__(self, log: Path) -> None:
        self._log = log
        self._children: list[subprocess.Popen[bytes]] = []

    def start(
        self,
        argv: Sequence[str | Path],
        *,
        environment: Mapping[str, str] | None = None,
        talks: bool = False,
    ) -> subprocess.Popen[bytes]:
        """``talks``: its standard input and output are pipes. Else its output goes to the log, as its errors do."""
        with self._log.open("ab") as log:
            child = subprocess.Popen(
                [str(each) for each in argv],
                stderr=log,
                env={**os.environ, **(environment or {})},
                stdin=subprocess.PIPE if talks else subprocess.DEVNULL,
                stdout=subprocess.PIPE if talks else log,
                cwd=PROGRAMS,
            )
        self._children.append(child)
        return child

    def cpu_seconds(self, *others: int) -> float:
        """``others``: processes that somebody else started and that belong to the system too."""
        return sum(_cpu(pid) for pid in [*(child.pid for child in self._children), *others])

    async def until(self, ready: Callable[[], bool]) -> None:
        """Raises AssertionError with the log's end if a process ends, TimeoutError if it is never ready."""
        async with asyncio.timeout(_START_SECONDS):
            while not await asyncio.to_thread(ready):
                ended = [child for child in self._children if child.poll() is not None]
                assert not ended, self._log.read_text(errors="replace")[-2000:]
                await asyncio.sleep(_GLANCE_SECONDS)

    def stop(self) -> None:
        for child in reversed(self._children):
            child.terminate()
        for child in self._children:
            child.wait(30)


def _cpu(pid: int) -> float:
    parent = psutil.Process(pid)
    times = [each.cpu_times() for each in (parent, *parent.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))
