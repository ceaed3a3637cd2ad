"""Files of internal storage as local files, and the other way."""

from __future__ import annotations

import secrets
from pathlib import Path, PurePosixPath

from toccata.kit.failure import TaskFailed
from toccata.kit.run import Content, RunContext
from toccata.runtime.errors import StorageRefused

FETCHED_FOLDER = ".fetched"
"""Holds what is in a working directory but is no file of the task. Tasks may share the directory, and keep its files."""


async def scratch(run: RunContext) -> Path:
    """A new folder in the working directory, for files that are no files of the task."""
    folder = await run.directory() / FETCHED_FOLDER / secrets.token_hex(8)
    folder.mkdir(parents=True)
    return folder


async def fetched(run: RunContext, uri: str) -> Path:
    """Copy a file into a new folder of the working directory, under a name that keeps its extension. Raise TaskFailed."""
    path = await scratch(run) / f"source{PurePosixPath(uri).suffix}"
    try:
        await run.storage.download(uri, path)
    except StorageRefused as error:
        raise TaskFailed(str(error)) from None
    return path


async def stored(run: RunContext, content: Content, name: str) -> str:
    """Store a file of this task run and give its URI. ``name`` is an extension such as ``.csv``, which gets a new name, or a whole
    file name. Raise TaskFailed."""
    file = f"{secrets.token_hex(8)}{name}" if not name or name.startswith(".") else name
    try:
        return await run.storage.put(run.file_prefix + file, content)
    except StorageRefused as error:
        raise TaskFailed(str(error)) from None
