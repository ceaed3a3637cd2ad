"""What a worker hides from scripts, and what they keep."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Place:
    """The same for all attempts of a worker."""

    hidden: tuple[Path, ...]
    """Folders and files, as real paths. An attempt's own working directory may be below one."""
    network: bool = True
    umask: str = "022"
    """Of scripts. The worker's own is 077."""
    memory_mb: int = 0
    """What each process of a script may write (RLIMIT_DATA), in MiB. 0: as much as there is."""

    def now(self) -> Place:
        """Without what is not there at this moment, such as the socket of an engine that is stopped. To hide it, a mechanism would
        make a file in its place, or fail."""
        return replace(self, hidden=tuple(filter(_is_there, self.hidden)))


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder above is closed to this user, so also to its scripts
        return False


def hidden_paths(home: Path, storage: str, secrets: Iterable[Path], further: str) -> tuple[Path, ...]:
    """The data directory, internal storage if it is a folder, files with secrets, and further ones, separated as in PATH.
    What does not exist cannot be hidden, and needs not be. A path below another one is left out."""
    named = [home, *secrets, *(Path(path) for path in further.split(os.pathsep) if path)]
    if "://" not in storage or storage.startswith("file://"):
        named.append(Path(storage.removeprefix("file://")))
    found = sorted({path.resolve() for path in named if path.exists()})
    return tuple(path for path in found if not any(other in path.parents for other in found))


def open_to_others(paths: Iterable[Path]) -> list[Path]:
    """Those that every user of the machine can read: their own rights allow it, and those of all folders above. A mechanism that only
    changes the user does not hide them."""
    return [path for path in paths if _allows_others(path) and all(map(_lets_others_through, path.parents))]


def _allows_others(path: Path) -> bool:
    mode = path.stat().st_mode
    return bool(mode & (stat.S_IXOTH if stat.S_ISDIR(mode) else stat.S_IROTH))


def _lets_others_through(folder: Path) -> bool:
    return bool(folder.stat().st_mode & stat.S_IXOTH)
