"""Namespace files: paths and revisions in the registry, contents in internal storage.

A file has the address ``kestra:///<namespace as folders>/_files/<path>``, which names its latest revision. Each revision is stored
under an address of its own, and never changes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from contracts.namespace import (
    DeleteFiles,
    FileRevision,
    FileState,
    ForgetRevisions,
    MoveFiles,
    NamespaceCommand,
    PutFile,
)
from contracts.namespace_path import BadPath, file_path, is_below, name_of
from contracts.reply import Reply
from toccata.runtime.clock import now_ms
from toccata.runtime.errors import StorageRefused
from toccata.runtime.namespace.entries import latest
from toccata.runtime.namespace.registry import Registry, new_request
from toccata.runtime.storage import SCHEME, InternalStorage, uri_of

AREA, REVISIONS = "_files", "_file_revisions"
NSFILE = "nsfile://"
_AT_ONCE = 200
"""The registry decides about a folder in one step, whose size is limited. So the files of a large one are deleted before it."""


class FileRefused(Exception):
    """``code`` is that of the registry's answer: missing, exists, invalid. The text is for the author of the path."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


@dataclass(frozen=True, slots=True)
class Listed:
    """A file or a folder in a listing."""

    path: str
    folder: bool
    size: int
    created_at: int
    updated_at: int


class FileStore:
    """Reads see everything that anybody was told is stored before :meth:`catch_up`. All but lookups may raise Transient."""

    def __init__(self, registry: Registry, storage: InternalStorage) -> None:
        self._registry = registry
        self._storage = storage

    async def catch_up(self) -> None:
        await self._registry.catch_up()

    def revision(self, namespace: str, path: str, number: int | None = None) -> FileRevision | None:
        """Look up a revision of a file, or its latest one."""
        file = self._registry.entries.file(namespace, path)
        return None if file is None else latest(file, number)

    def revisions(self, namespace: str, path: str) -> list[FileRevision]:
        file = self._registry.entries.file(namespace, path)
        return [] if file is None else file.revisions

    def paths(self, namespace: str) -> list[str]:
        """Return the paths of all files, without folders."""
        return [file.path for file in self._registry.entries.files(namespace) if file.revisions]

    def stat(self, namespace: str, path: str) -> Listed | None:
        """Return a file, or a folder that was created or has files. The root always exists."""
        file = self._registry.entries.file(namespace, path)
        if file is not None:
            return _listed(file)
        below = [each for each in self._registry.entries.files(namespace) if is_below(each.path, path)]
        return _folder(path, below) if below or path == "/" else None

    def listing(self, namespace: str, path: str) -> list[Listed]:
        """Return what stands directly in a folder: folders first, then files, each by name."""
        inside: dict[str, list[FileState]] = {}
        depth = len(path.rstrip("/")) + 1
        for file in self._registry.entries.files(namespace):
            if is_below(file.path, path):
                inside.setdefault(file.path[:depth] + file.path[depth:].partition("/")[0], []).append(file)
        found = [
            _listed(files[0]) if files[0].path == child else _folder(child, files)
            for child, files in inside.items()
        ]
        return sorted(found, key=lambda each: (not each.folder, each.path))

    async def put(
        self, namespace: str, path: str, content: bytes | Path, *, overwrite: bool = True
    ) -> FileRevision:
        """Store a new revision of a file, and return it when all reads see it. Raise FileRefused."""
        uri = uri_of(*namespace.split("."), REVISIONS, new_request(), name_of(path))
        await self._storage.put(uri, content)
        size = await self._storage.size(uri)
        before = self.revisions(namespace, path)
        try:
            await self._ask(
                PutFile(
                    namespace=namespace, path=path, uri=uri, size=size, overwrite=overwrite, **self._request()
                )
            )
        except FileRefused:
            await self._storage.delete(uri)
            raise
        after = {revision.uri for revision in self.revisions(namespace, path)}
        await self._drop(revision.uri for revision in before if revision.uri not in after)
        stored = next((each for each in self.revisions(namespace, path) if each.uri == uri), None)
        return stored or FileRevision(0, uri, size, now_ms())

    async def make_folder(self, namespace: str, path: str) -> None:
        await self._ask(PutFile(namespace=namespace, path=path.rstrip("/") + "/", **self._request()))

    async def move(self, namespace: str, source: str, target: str) -> None:
        await self._ask(MoveFiles(namespace=namespace, source=source, target=target, **self._request()))

    async def delete(self, namespace: str, path: str) -> list[str]:
        """Delete a file, or a folder with everything in it. Return the paths of the files. Raise FileRefused."""
        files = [
            file
            for file in self._registry.entries.files(namespace)
            if file.path == path or is_below(file.path, path)
        ]
        if len(files) > _AT_ONCE:
            for start in range(0, len(files), _AT_ONCE):
                part = files[start : start + _AT_ONCE]
                await self._registry.ask(
                    [DeleteFiles(namespace=namespace, path=file.path, **self._request()) for file in part]
                )
        else:
            await self._ask(DeleteFiles(namespace=namespace, path=path, **self._request()))
        await self._drop(revision.uri for file in files for revision in file.revisions)
        return [file.path for file in files if file.revisions]

    async def forget(self, namespace: str, path: str, numbers: Sequence[int]) -> None:
        """Forget old revisions of a file."""
        gone = [each for each in self.revisions(namespace, path)[:-1] if each.number in set(numbers)]
        if gone:
            await self._ask(
                ForgetRevisions(
                    namespace=namespace,
                    path=path,
                    revisions=[each.number for each in gone],
                    **self._request(),
                )
            )
            await self._drop(each.uri for each in gone)

    def namespaces(self) -> list[str]:
        return list(self._registry.entries.namespaces())

    def address(self, namespace: str, path: str) -> str:
        """Return the address of a file, which names its latest revision, whether it exists or not."""
        return uri_of(*namespace.split("."), AREA, *path.strip("/").split("/"))

    def resolved(self, uri: str, namespace: str) -> str:
        """Return the address of the content. ``namespace`` is the one of who asks. Raise StorageRefused if there is no such file.

        Only addresses of namespace files change: ``nsfile:///<path>``, ``nsfile://<namespace>/<path>`` and those of :meth:`address`."""
        named = named_file(uri, namespace)
        if named is None:
            return uri
        found = self.revision(*named)
        if found is None:
            raise StorageRefused(f"file `{named[1]}` does not exist in namespace `{named[0]}`")
        return found.uri

    def _request(self) -> dict:  # type: ignore[type-arg]
        return {"at": now_ms(), "request_id": new_request(), "reply_to": self._registry.reply_to}

    async def _ask(self, command: NamespaceCommand) -> Reply:
        (answer,) = await self._registry.ask([command])
        if not answer.accepted:
            raise FileRefused(answer.code, answer.reason)
        return answer

    async def _drop(self, uris: Iterable[str]) -> None:
        for uri in uris:
            await self._storage.delete(uri)


def named_file(uri: str, namespace: str) -> tuple[str, str] | None:
    """Return namespace and path of an address of a namespace file, or None for other addresses. Raise StorageRefused."""
    if uri.startswith(NSFILE):
        owner, _, path = uri.removeprefix(NSFILE).partition("/")
        return owner or namespace, _path(path)
    if not uri.startswith(SCHEME) or f"/{AREA}/" not in uri:
        return None
    above, _, path = uri.removeprefix(SCHEME).partition(f"/{AREA}/")
    return unquote(above).replace("/", "."), _path(unquote(path))


def _path(text: str) -> str:
    try:
        return file_path(text)
    except BadPath as error:
        raise StorageRefused(str(error)) from None


def _listed(file: FileState) -> Listed:
    last = latest(file)
    size = last.size if last is not None else 0
    return Listed(file.path, last is None, size, file.created_at, file.updated_at)


def _folder(path: str, below: Sequence[FileState]) -> Listed:
    """A folder that exists because something is in it."""
    created = min((file.created_at for file in below), default=0)
    updated = max((file.updated_at for file in below), default=0)
    return Listed(path, folder=True, size=0, created_at=created, updated_at=updated)
