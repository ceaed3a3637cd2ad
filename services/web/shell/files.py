"""Files of executions, in internal storage."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO

from contracts.json_text import loads
from services.web.core.file import checked, folder_of, is_of, name_of, owners
from services.web.core.problem import invalid_argument, not_found, unavailable
from services.web.core.view.page import Json
from services.web.core.view.preview import TEXT_BYTES, WHOLE_BYTES, Asked, is_shown_whole, preview
from services.web.ports import Files as Store
from services.web.shell.executions import Executions
from toccata.runtime.errors import StorageRefused, Transient

_AWAY = "Internal storage cannot be reached: ask again"


class Files:
    def __init__(self, store: Store, executions: Executions) -> None:
        self._store = store
        self._executions = executions

    async def size(self, execution_id: str, uri: str) -> int:
        """Raises Problem 422 if the address is not that of an execution's file, and 404 if there is no such file."""
        await self._check(execution_id, checked(uri))
        try:
            return await self._store.size(uri)
        except StorageRefused as refused:
            raise not_found(str(refused)) from None
        except Transient as error:
            raise unavailable(_AWAY) from error

    def stream(self, uri: str) -> AsyncIterator[bytes]:
        """The content of an address whose size was read before."""
        return self._store.stream(uri)

    async def preview(self, execution_id: str, uri: str, asked: Asked) -> Json:
        size = await self.size(execution_id, uri)
        name = name_of(uri)
        whole = is_shown_whole(name)
        if whole and size > WHOLE_BYTES:
            raise invalid_argument(f"the file is over {WHOLE_BYTES} bytes: download it")
        content = await self._beginning(uri, WHOLE_BYTES if whole else TEXT_BYTES)
        return preview(name, content, asked, cut=len(content) < size)

    async def keep(self, uri: str, file: BinaryIO) -> None:
        """Store a caller's file under an address of an execution that is about to start. Raises Problem 503."""
        folder = await asyncio.to_thread(TemporaryDirectory, prefix="toccata-upload-")
        try:
            path = Path(folder.name) / "file"
            await asyncio.to_thread(_copied, file, path)
            await self._store.put(uri, path)
        except Transient as error:
            raise unavailable(_AWAY) from error
        finally:
            await asyncio.to_thread(folder.cleanup)

    async def forget(self, namespace: str, flow_id: str, execution_id: str) -> int:
        """Delete all files of an execution, and return their number. Raises Problem 503."""
        try:
            uris = await self._store.below(folder_of(namespace, flow_id, execution_id))
            for uri in uris:
                await self._store.delete(uri)
            return len(uris)
        except Transient as error:
            raise unavailable(_AWAY) from error

    async def outputs(self, uri: str) -> Json:
        """Return outputs that stand in internal storage because they are large. Raises Problem 404 if they are gone."""
        try:
            content = b"".join([chunk async for chunk in self._store.stream(uri)])
        except StorageRefused as refused:
            raise not_found(str(refused)) from None
        except Transient as error:
            raise unavailable(_AWAY) from error
        found: Json = loads(content)
        return found

    async def _beginning(self, uri: str, most: int) -> bytes:
        found = bytearray()
        try:
            async for chunk in self._store.stream(uri):
                found += chunk
                if len(found) >= most:
                    break
        except Transient as error:
            raise unavailable(_AWAY) from error
        return bytes(found[:most])

    async def _check(self, execution_id: str, uri: str) -> None:
        """The given execution, or the one in the address, because outputs can hand files on."""
        live = await self._executions.get(execution_id)
        if is_of(uri, live.namespace, live.flow_id, live.id):
            return
        missing = ""
        for owner in owners(uri):
            other = await self._executions.find(owner)
            if other is None:
                missing = missing or owner
            elif is_of(uri, other.namespace, other.flow_id, other.id):
                return
        if missing:
            raise not_found(f"Unable to find execution id '{missing}'")
        raise invalid_argument("Invalid prefix path: `path` is not a file of an execution")


def _copied(file: BinaryIO, path: Path) -> None:
    file.seek(0)
    with path.open("wb") as copy:
        shutil.copyfileobj(file, copy, 1_048_576)
