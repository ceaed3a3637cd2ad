"""Internal storage over obstore: a local folder, S3, GCS or Azure. It knows URIs and bytes, not their purpose.

URIs are ``kestra:///<path>``. Each segment is checked, so that no URI leaves the store. The driver is imported at the first
access.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import quote, unquote

from toccata.runtime.errors import StorageRefused, Transient
from toccata.runtime.privacy import private_folder

if TYPE_CHECKING:
    from obstore.store import ObjectStore

Result = TypeVar("Result")
SCHEME = "kestra:///"
_CHUNK = 4 * 1024 * 1024


class InternalStorage:
    """``location`` is a folder, or a URL such as ``s3://bucket/prefix``. The provider's usual variables hold credentials."""

    def __init__(self, location: str | Path) -> None:
        self._location = location
        self._store: ObjectStore | None = None

    async def put(self, uri: str, content: bytes | Path | AsyncIterable[bytes]) -> str:
        """Store bytes, a local file in parts, or parts as they come, and return the URI. An existing file is overwritten. If the
        parts end with an error, that error is raised, and nothing is stored."""
        path = path_of(uri)
        if isinstance(content, bytes | Path):
            await self._call(uri, self._opened().put_async(path, content))
        else:
            await self._put_parts(uri, path, content)
        return uri

    async def _put_parts(self, uri: str, path: str, parts: AsyncIterable[bytes]) -> None:
        """The driver wraps an error of the parts into a text. Whoever gives the parts wants the error itself."""
        failure: list[Exception] = []

        async def watched() -> AsyncIterator[bytes]:
            try:
                async for part in parts:
                    yield part
            except Exception as error:
                failure.append(error)
                raise

        try:
            await self._call(uri, self._opened().put_async(path, watched()))
        except Exception as error:
            if failure:
                raise failure[0] from error
            raise

    async def get(self, uri: str) -> bytes:
        return b"".join([chunk async for chunk in self.stream(uri)])

    async def download(self, uri: str, to: Path) -> None:
        """Copy in parts. The folder of ``to`` must exist."""
        with await asyncio.to_thread(to.open, "wb") as file:
            async for chunk in self.stream(uri):
                await asyncio.to_thread(file.write, chunk)

    async def stream(self, uri: str) -> AsyncIterator[bytes]:
        result = await self._call(uri, self._opened().get_async(path_of(uri)))
        async for chunk in result.stream(min_chunk_size=_CHUNK):
            yield bytes(chunk)

    async def size(self, uri: str) -> int:
        meta = await self._call(uri, self._opened().head_async(path_of(uri)))
        return int(meta["size"])

    async def modified(self, uri: str) -> datetime:
        """Return when the file was stored."""
        meta = await self._call(uri, self._opened().head_async(path_of(uri)))
        return meta["last_modified"]

    async def exists(self, uri: str) -> bool:
        try:
            await self.size(uri)
        except StorageRefused:
            return False
        return True

    async def delete(self, uri: str) -> None:
        """Delete a file. A missing file counts as deleted."""
        try:
            await self._call(uri, self._opened().delete_async(path_of(uri)))
        except StorageRefused:
            return

    async def below(self, prefix: str) -> list[str]:
        """Return the URIs of all files below ``prefix``, which is itself a URI."""
        found: list[str] = []
        async for batch in self._opened().list(path_of(prefix.rstrip("/"))):
            found.extend(SCHEME + entry["path"] for entry in batch)
        return sorted(found)

    def get_now(self, uri: str) -> bytes:
        """Like :meth:`get`, but holds up the caller's thread. For templates, whose functions cannot wait."""
        return self._call_now(uri, lambda: bytes(self._opened().get(path_of(uri)).bytes()))

    def size_now(self, uri: str) -> int:
        """Like :meth:`size`, but holds up the caller's thread."""
        return self._call_now(uri, lambda: int(self._opened().head(path_of(uri))["size"]))

    def _call_now(self, uri: str, call: Callable[[], Result]) -> Result:
        from obstore.exceptions import BaseError, NotFoundError

        try:
            return call()
        except (NotFoundError, FileNotFoundError):
            raise StorageRefused(f"file `{uri}` does not exist") from None
        except (BaseError, OSError) as error:
            raise Transient(f"internal storage: {uri}: {error}") from error

    async def _call(self, uri: str, call: Awaitable[Result]) -> Result:
        from obstore.exceptions import BaseError, NotFoundError

        try:
            return await call
        except (NotFoundError, FileNotFoundError):
            raise StorageRefused(f"file `{uri}` does not exist") from None
        except (BaseError, OSError) as error:
            raise Transient(f"internal storage: {uri}: {error}") from error

    def _opened(self) -> ObjectStore:
        if self._store is None:
            from obstore.store import LocalStore, from_url

            text = str(self._location)
            if "://" in text:
                self._store = from_url(text)
            else:
                folder = Path(text).absolute()
                private_folder(folder)
                self._store = LocalStore(folder)
        return self._store


def path_of(uri: str) -> str:
    """Return the checked path in the store. Raise StorageRefused if the URI is bad."""
    if not uri.startswith(SCHEME):
        raise StorageRefused(f"`{uri}` is not an internal storage URI: it must begin with {SCHEME}")
    path = uri.removeprefix(SCHEME)
    for segment in path.split("/"):
        if (
            segment in {"", ".", ".."}
            or unquote(segment) in {".", ".."}
            or "\\" in segment
            or "\0" in segment
        ):
            raise StorageRefused(f"`{uri}` is not allowed: it has an empty, `.` or `..` segment")
    return path


def uri_of(*segments: str) -> str:
    """Make a URI from plain segments. Characters that a path cannot hold are percent-encoded."""
    return SCHEME + "/".join(quote(segment, safe=" !$&'()+,;=@[]{}~.-_") or "_" for segment in segments)
