"""Files of executions, from internal storage."""

from __future__ import annotations

from collections.abc import AsyncIterator

from services.web.core.file import checked, is_of, name_of, owners
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
        for owner in owners(uri):
            other = await self._executions.find(owner)
            if other is not None and is_of(uri, other.namespace, other.flow_id, other.id):
                return
        raise invalid_argument("Invalid prefix path: `path` is not a file of an execution")
