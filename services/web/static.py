"""Files for browsers: the files below a folder, by path, each read once. No address can lead out of the folder."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from importlib.resources.abc import Traversable
from typing import NamedTuple

_TYPES = {
    "css": "text/css",
    "html": "text/html",
    "js": "text/javascript",
    "json": "application/json",
    "png": "image/png",
    "svg": "image/svg+xml",
    "wasm": "application/wasm",
    "woff2": "font/woff2",
}
"""Media types by extension. Files of other kinds are not served."""


class StaticFile(NamedTuple):
    content: bytes
    media_type: str
    tag: str
    """The tag changes with the content."""


def static_file(name: str, content: bytes) -> StaticFile:
    return StaticFile(content, _TYPES[_ending(name)], f'"{sha256(content).hexdigest()[:24]}"')


class StaticFolder:
    """While the folder is empty, every call looks again, so that a build after the start needs no restart."""

    def __init__(self, folder: Traversable) -> None:
        self._folder = folder
        self._entries: dict[str, Traversable] = {}
        self._read: dict[str, StaticFile] = {}

    def __contains__(self, path: str) -> bool:
        return path in self._listed()

    def get(self, path: str) -> StaticFile | None:
        """None if there is no such file, or if it was deleted after the listing."""
        found = self._read.get(path)
        if found is None and (entry := self._listed().get(path)) is not None:
            try:
                found = self._read[path] = static_file(entry.name, entry.read_bytes())
            except FileNotFoundError:
                return None
        return found

    def read_all(self) -> None:
        """Read all files now, because they belong to one build and the next build removes them. Raises FileNotFoundError
        if there are none."""
        if not self._listed():
            raise FileNotFoundError(str(self._folder))
        for path in self._listed():
            self.get(path)

    def _listed(self) -> dict[str, Traversable]:
        if not self._entries and self._folder.is_dir():
            self._entries = dict(_below(self._folder, ""))
        return self._entries


def _below(folder: Traversable, prefix: str) -> Iterator[tuple[str, Traversable]]:
    for entry in folder.iterdir():
        if entry.is_dir():
            yield from _below(entry, f"{prefix}{entry.name}/")
        elif _ending(entry.name) in _TYPES:
            yield prefix + entry.name, entry


def _ending(name: str) -> str:
    return name.rpartition(".")[2]
