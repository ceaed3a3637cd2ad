"""Values, namespace files and internal storage as the tasks of one attempt use them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from contracts.language.stored_value import BadValue, check_key, converted, natural
from contracts.namespace import ValueKind, ValueState
from contracts.namespace_path import BadPath, file_path
from contracts.scalars import to_datetime
from toccata.plugin import Content, KeyMissing, StorageRefused, TaskFailed
from toccata.runtime.errors import Transient
from toccata.runtime.namespace.files import FileRefused, FileStore, named_file
from toccata.runtime.namespace.values import NewValue, ValueRefused, ValueStore
from toccata.runtime.storage import InternalStorage

Result = TypeVar("Result")
_REFUSALS = (BadValue, BadPath, ValueRefused, FileRefused, StorageRefused, Transient)


async def _attempted(work: Awaitable[Result]) -> Result:
    try:
        return await work
    except _REFUSALS as error:
        raise TaskFailed(str(error)) from None


class AttemptValues:
    """``toccata.plugin.KeyValues``."""

    def __init__(self, store: ValueStore, namespace: str) -> None:
        self._store = store
        self._namespace = namespace

    async def get(self, key: str, namespace: str | None = None) -> Any:
        return await _attempted(self._get(key, namespace))

    async def _get(self, key: str, namespace: str | None) -> Any:
        await self._store.catch_up()
        owner = namespace or self._namespace
        found = self._store.find(owner, key, inherited=namespace in (None, self._namespace))
        if found is None:
            raise KeyMissing(f"The key '{key}' does not exist in the namespace '{owner}'.")
        if self._store.expired(found):
            raise TaskFailed(
                f"The requested value has expired: key '{key}' of the namespace '{found.namespace}'"
            )
        return await self._store.content(found)

    async def set(  # noqa: PLR0913 - as the port says
        self,
        key: str,
        value: Any,
        namespace: str | None = None,
        *,
        kind: ValueKind | None = None,
        overwrite: bool = True,
        ttl: timedelta | None = None,
        description: str = "",
    ) -> None:
        try:
            check_key(key)
            typed = (kind, converted(value, kind)) if kind is not None else natural(value)
        except BadValue as error:
            raise TaskFailed(str(error)) from None
        new = NewValue(kind=typed[0], json=typed[1], description=description, ttl=ttl)
        await _attempted(self._store.put(namespace or self._namespace, key, new, overwrite=overwrite))

    async def delete(self, key: str, namespace: str | None = None) -> bool:
        (was_there,) = await _attempted(self._store.delete([(namespace or self._namespace, key)]))
        return was_there

    async def keys(self, namespace: str | None = None) -> list[str]:
        await _attempted(self._store.catch_up())
        return [value.key for value in self._store.listed(namespace or self._namespace)]

    async def namespaces(self) -> list[str]:
        await _attempted(self._store.catch_up())
        return self._store.namespaces()

    async def expired(self, namespace: str) -> list[str]:
        await _attempted(self._store.catch_up())
        gone: list[ValueState] = self._store.gone([namespace])
        return sorted(value.key for value in gone)


class AttemptFiles:
    """``toccata.plugin.NamespaceFiles``."""

    def __init__(self, store: FileStore, namespace: str) -> None:
        self._store = store
        self._namespace = namespace

    async def paths(self, namespace: str | None = None) -> list[str]:
        await _attempted(self._store.catch_up())
        return self._store.paths(namespace or self._namespace)

    async def address(self, path: str, namespace: str | None = None) -> str:
        return self._store.address(namespace or self._namespace, _path(path))

    async def put(
        self, path: str, content: bytes | Path, namespace: str | None = None, *, overwrite: bool = True
    ) -> str:
        owner, name = namespace or self._namespace, _path(path)
        await _attempted(self._store.catch_up())
        await _attempted(self._store.put(owner, name, content, overwrite=overwrite))
        return self._store.address(owner, name)

    async def delete(self, path: str, namespace: str | None = None) -> list[str]:
        await _attempted(self._store.catch_up())
        return await _attempted(self._store.delete(namespace or self._namespace, _path(path)))

    async def is_empty(self, folder: str, namespace: str | None = None) -> bool:
        await _attempted(self._store.catch_up())
        return not self._store.listing(namespace or self._namespace, _path(folder))

    async def is_folder(self, path: str, namespace: str | None = None) -> bool:
        await _attempted(self._store.catch_up())
        found = self._store.stat(namespace or self._namespace, _path(path))
        return found is not None and found.folder

    async def revisions(self, path: str, namespace: str | None = None) -> list[tuple[int, datetime]]:
        await _attempted(self._store.catch_up())
        found = self._store.revisions(namespace or self._namespace, _path(path))
        return [(each.number, to_datetime(each.at)) for each in found]

    async def forget(self, path: str, numbers: Sequence[int], namespace: str | None = None) -> None:
        await _attempted(self._store.forget(namespace or self._namespace, _path(path), numbers))


def _path(text: str) -> str:
    try:
        return file_path(text)
    except BadPath as error:
        raise TaskFailed(str(error)) from None


class AttemptStorage:
    """``toccata.plugin.Storage``: internal storage, where addresses of namespace files give the content of the latest revision."""

    def __init__(self, storage: InternalStorage, files: FileStore, namespace: str) -> None:
        self._storage = storage
        self._files = files
        self._namespace = namespace

    async def put(self, uri: str, content: Content) -> str:
        if named_file(uri, self._namespace) is not None:
            raise StorageRefused(f"`{uri}` is a namespace file: UploadFiles stores those")
        return await self._storage.put(uri, content)

    async def get(self, uri: str) -> bytes:
        return await self._storage.get(await self._resolved(uri))

    async def download(self, uri: str, to: Path) -> None:
        await self._storage.download(await self._resolved(uri), to)

    async def stream(self, uri: str) -> AsyncIterator[bytes]:
        async for chunk in self._storage.stream(await self._resolved(uri)):
            yield chunk

    async def size(self, uri: str) -> int:
        return await self._storage.size(await self._resolved(uri))

    async def exists(self, uri: str) -> bool:
        try:
            await self.size(uri)
        except StorageRefused:
            return False
        return True

    async def delete(self, uri: str) -> None:
        if named_file(uri, self._namespace) is not None:
            raise StorageRefused(f"`{uri}` is a namespace file: namespace.DeleteFiles deletes those")
        await self._storage.delete(uri)

    async def below(self, prefix: str) -> list[str]:
        return await self._storage.below(prefix)

    async def _resolved(self, uri: str) -> str:
        if named_file(uri, self._namespace) is None:
            return uri
        await self._files.catch_up()
        return self._files.resolved(uri, self._namespace)
