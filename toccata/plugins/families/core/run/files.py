"""Files of internal storage as local files: fetched, worked on line by line in a thread, and stored again."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from toccata.plugin import RunContext, StorageRefused, TaskFailed


async def fetched(run: RunContext, uri: str) -> Path:
    """Copy a file into the working directory. Raises TaskFailed."""
    path = await run.directory() / f"{secrets.token_hex(8)}{extension_of(uri)}"
    try:
        await run.storage.download(uri, path)
    except StorageRefused as error:
        raise TaskFailed(str(error)) from None
    return path


async def stored(run: RunContext, content: bytes | Path, extension: str) -> str:
    """Store a file of this task run under a new name, and give its URI."""
    try:
        return await run.storage.put(f"{run.file_prefix}{secrets.token_hex(8)}{extension}", content)
    except StorageRefused as error:
        raise TaskFailed(str(error)) from None


def extension_of(uri: str) -> str:
    return PurePosixPath(uri).suffix


def lines_of(file: BinaryIO, separator: bytes) -> Iterator[bytes]:
    """Yield the parts between separators, without them. An empty part at the end is none."""
    rest = b""
    while chunk := file.read(1024 * 1024):
        *parts, rest = (rest + chunk).split(separator)
        yield from parts
    if rest:
        yield rest


def write_lines(path: Path, lines: Iterable[bytes], separator: bytes) -> None:
    with path.open("wb") as file:
        for line in lines:
            file.write(line + separator)
