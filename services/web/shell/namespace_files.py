"""Reads and writes files of namespaces."""

from __future__ import annotations

import asyncio
import shutil
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from contracts.namespace import FileRevision
from services.web.core.problem import Problem, conflict, invalid_argument, not_found
from services.web.shell.namespace_archive import Unpacked, unpack
from toccata.runtime.errors import StorageRefused
from toccata.runtime.namespace.files import FileRefused, FileStore, Listed
from toccata.runtime.storage import InternalStorage


class NamespaceFiles:
    """Every read sees all writes that were answered before, of this web, of others, and of tasks. All may raise Transient."""

    def __init__(self, store: FileStore, storage: InternalStorage) -> None:
        self._store = store
        self._storage = storage

    async def revision(self, namespace: str, path: str, number: int | None = None) -> FileRevision:
        await self._store.catch_up()
        found = self._store.revision(namespace, path, number)
        if found is None:
            what = f"file {path}" if number is None else f"revision {number} of file {path}"
            raise not_found(f"there is no {what} in namespace {namespace}")
        return found

    def stream(self, revision: FileRevision) -> AsyncIterator[bytes]:
        return self._storage.stream(revision.uri)

    async def revisions(self, namespace: str, path: str) -> list[FileRevision]:
        await self.revision(namespace, path)
        return self._store.revisions(namespace, path)

    async def stat(self, namespace: str, path: str) -> Listed:
        await self._store.catch_up()
        found = self._store.stat(namespace, path)
        if found is None:
            raise not_found(f"there is no file {path} in namespace {namespace}")
        return found

    async def listing(self, namespace: str, path: str) -> list[Listed]:
        found = await self.stat(namespace, path)
        if not found.folder:
            raise invalid_argument(f"{path} is a file, not a folder")
        return self._store.listing(namespace, path)

    async def paths(self, namespace: str) -> list[str]:
        await self._store.catch_up()
        return self._store.paths(namespace)

    async def put(self, namespace: str, path: str, content: Path) -> None:
        await self._store.catch_up()
        try:
            await self._store.put(namespace, path, content)
        except FileRefused as refused:
            raise _problem(refused) from None

    async def make_folder(self, namespace: str, path: str) -> None:
        try:
            await self._store.make_folder(namespace, path)
        except FileRefused as refused:
            raise _problem(refused) from None

    async def move(self, namespace: str, source: str, target: str) -> None:
        try:
            await self._store.move(namespace, source, target)
        except FileRefused as refused:
            raise _problem(refused) from None

    async def delete(self, namespace: str, path: str) -> None:
        await self._store.catch_up()
        try:
            await self._store.delete(namespace, path)
        except FileRefused as refused:
            raise _problem(refused) from None

    async def export(self, namespace: str, to: Path) -> None:
        """Write an archive of all files."""
        paths = await self.paths(namespace)
        archive = await asyncio.to_thread(zipfile.ZipFile, to, "w", zipfile.ZIP_DEFLATED)
        try:
            for path in paths:
                revision = self._store.revision(namespace, path)
                if revision is not None:
                    await self._pack(archive, path, revision)
        finally:
            await asyncio.to_thread(archive.close)

    async def _pack(self, archive: zipfile.ZipFile, path: str, revision: FileRevision) -> None:
        """A file that is deleted meanwhile is left out."""
        try:
            parts = self._storage.stream(revision.uri)
            first = await anext(parts, b"")
            with archive.open(path.lstrip("/"), "w", force_zip64=True) as entry:
                await asyncio.to_thread(entry.write, first)
                async for part in parts:
                    await asyncio.to_thread(entry.write, part)
        except StorageRefused:
            return


async def spooled(file: BinaryIO) -> tuple[TemporaryDirectory[str], Path]:
    """Copy an upload to a local file. The caller cleans the folder up."""
    folder = await asyncio.to_thread(TemporaryDirectory, prefix="toccata-upload-")
    path = Path(folder.name) / "file"
    await asyncio.to_thread(_copied, file, path)
    return folder, path


async def entries(archive: Path, folder: str) -> AsyncIterator[Unpacked]:
    """The files of an archive, one by one."""
    files = unpack(archive, folder, archive.parent)
    while (found := await asyncio.to_thread(next, files, None)) is not None:
        yield found


def _copied(file: BinaryIO, path: Path) -> None:
    file.seek(0)
    with path.open("wb") as copy:
        shutil.copyfileobj(file, copy, 1_048_576)


def _problem(refused: FileRefused) -> Problem:
    if refused.code == "missing":
        return not_found(str(refused))
    return conflict(str(refused)) if refused.code == "exists" else invalid_argument(str(refused))
