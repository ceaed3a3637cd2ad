"""The worker's folder in the data directory: lock, spool, working directories. Also the folders of dead workers beside it.

A folder without a lock holder belonged to a dead worker. Its unacknowledged outcomes are sent again, the remaining processes
of its scripts are stopped, and its files are removed.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

import orjson

from services.worker.adapters.spool import left_in
from services.worker.ports import Outcome
from toccata.plugins.families.scripts.run.process import stop_tree
from toccata.runtime.clock import monotonic
from toccata.runtime.errors import Fatal
from toccata.runtime.log import get_logger
from toccata.runtime.privacy import private_folder

FOLDER_VARIABLE = "TOCCATA_WORKER"
"""The environment variable that marks all descendants of one worker."""
ORPHAN_GRACE_SECONDS = 1.0
CLAIM_SECONDS = 10.0
_GLANCE_SECONDS = 0.1
log = get_logger()


@dataclass(frozen=True, slots=True)
class Legacy:
    """What one dead worker left."""

    worker_id: str
    group: str
    outcomes: list[Outcome]


async def claimed(home: Path, worker_id: str, group: str, seconds: float = CLAIM_SECONDS) -> Workspace:
    """Open the worker's folder. Wait while another holds it: a worker that saw this one dead may be inheriting from it."""
    deadline = monotonic() + seconds
    told = False
    while True:
        try:
            return Workspace(home, worker_id, group)
        except Fatal as taken:
            if monotonic() > deadline:
                raise
            if not told:
                log.warning("folder_awaited", reason=str(taken))
            told = True
        await asyncio.sleep(_GLANCE_SECONDS)


class Workspace:
    """Locks the worker's own folder. Raises Fatal if a running worker of this name holds it."""

    def __init__(self, home: Path, worker_id: str, group: str) -> None:
        self._all = (home / "worker").resolve()
        self.folder = self._all / _safe(worker_id)
        for folder in (home, self._all, self.folder):
            private_folder(folder)
        lock = _locked(self.folder)
        if lock is None:
            raise Fatal(f"another worker named {worker_id} runs on {self.folder}: set TOCCATA_INSTANCE")
        self._locks = [lock]
        self._dead = [self.folder, *self._unlocked()]
        self._identity = orjson.dumps({"worker_id": worker_id, "group": group})
        self._worker_id = worker_id

    @property
    def spool_path(self) -> Path:
        return self.folder / "spool"

    @property
    def scratch(self) -> Path:
        """The parent of working directories."""
        return self.folder / "work"

    @property
    def dead_folders(self) -> list[str]:
        """Of dead workers, until :meth:`settle`."""
        return [str(folder) for folder in self._dead]

    def inherit(self) -> list[Legacy]:
        """Return what dead workers left, including this worker's previous run. Blocks for a moment if their processes still run."""
        found = []
        for folder in self._dead:
            orphans = stop_tree({FOLDER_VARIABLE: str(folder)}, None, ORPHAN_GRACE_SECONDS)
            outcomes = left_in(folder / "spool")
            identity = _identity(folder)
            shutil.rmtree(folder / "work", ignore_errors=True)
            if identity is not None:
                log.info(
                    "worker_inherited", worker=identity["worker_id"], outcomes=len(outcomes), orphans=orphans
                )
                found.append(Legacy(identity["worker_id"], identity["group"], outcomes))
        return found

    def settle(self) -> None:
        """Remove the legacies, which are acknowledged, and begin."""
        for folder in self._dead:
            if folder != self.folder:
                shutil.rmtree(folder, ignore_errors=True)
        for lock in self._locks[1:]:
            os.close(lock)
        self._locks, self._dead = self._locks[:1], []
        self.spool_path.unlink(missing_ok=True)
        private_folder(self.scratch)
        (self.folder / "identity").write_bytes(self._identity)

    def leave(self) -> None:
        """Remove the folder. Everything is reported, so there is nothing to inherit."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._locks[0])

    def _unlocked(self) -> list[Path]:
        dead = []
        for folder in self._all.iterdir():
            if folder != self.folder and folder.is_dir() and (lock := _locked(folder)) is not None:
                self._locks.append(lock)
                dead.append(folder)
        return dead


def _locked(folder: Path) -> int | None:
    try:
        descriptor = os.open(folder / "lock", os.O_CREAT | os.O_RDWR, 0o600)
    except FileNotFoundError:  # the worker that inherited the folder has just removed it
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The file may have been removed while we opened it. A lock on it then means nothing.
        if os.fstat(descriptor).st_ino == (folder / "lock").stat().st_ino:
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return None


def _identity(folder: Path) -> dict[str, str] | None:
    """Return the folder's worker, or None if no worker ever began in it."""
    try:
        found = orjson.loads((folder / "identity").read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    return found if isinstance(found, dict) and {"worker_id", "group"} <= found.keys() else None


def _safe(name: str) -> str:
    return "".join(char if char.isalnum() or char in "-_." else "_" for char in name).lstrip(".") or "_"
