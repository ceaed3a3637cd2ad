"""What a protocol does for tasks. All methods block, and raise OSError with a text for people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A file or folder."""

    path: str
    """Begins with ``/``."""
    is_folder: bool = False
    is_link: bool = False
    size: int | None = None
    modified: float | None = None
    """Seconds since 1970."""
    accessed: float | None = None
    user: int | None = None
    group: int | None = None
    mode: int | None = None

    @property
    def name(self) -> str:
        return self.path.rstrip("/").rpartition("/")[2]

    def output(self) -> dict[str, Any]:
        """As flows see it."""
        found = {
            "path": self.path,
            "name": self.name,
            "fileType": "FOLDER" if self.is_folder else "FILE",
            "symbolicLink": self.is_link,
            "size": self.size,
            "userId": self.user,
            "groupId": self.group,
            "permissions": self.mode,
            "accessDate": when(self.accessed),
            "updatedDate": when(self.modified),
        }
        return {name: value for name, value in found.items() if value is not None}


def when(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


class Place(Protocol):
    """Paths begin with ``/`` and have no ``..``."""

    scheme: str
    host: str

    def entry(self, path: str) -> Entry | None:
        """None if there is nothing."""
        ...

    def entries(self, folder: str) -> list[Entry]: ...

    def read(self, path: str, target: Path) -> None:
        """Write the file to ``target``."""
        ...

    def write(self, source: Path, path: str) -> None: ...

    def make_folder(self, path: str) -> None: ...

    def rename(self, path: str, to: str, *, replace: bool) -> None: ...

    def remove(self, path: str) -> None: ...

    def remove_folder(self, path: str) -> None:
        """It must be empty."""
        ...

    def close(self) -> None:
        """End the connection, also under a call in another thread, which then fails."""
        ...


def make_folders(place: Place, path: str) -> None:
    """Those on the way, too."""
    missing = []
    while path not in {"", "/"} and place.entry(path) is None:
        missing.append(path)
        path = path.rpartition("/")[0]
    for each in reversed(missing):
        place.make_folder(each)
