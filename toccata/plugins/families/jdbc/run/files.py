"""Files of SQL tasks: fetched into the working directory, and kept from it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from toccata.plugin import RunContext, StorageRefused, TaskFailed, stored, write_json

OWN_DATABASE = "database.db"
INPUT_FILE = "input"


async def fetched_as(run: RunContext, uri: str, target: Path) -> Path:
    """Raises TaskFailed."""
    try:
        await run.storage.download(uri, target)
    except StorageRefused as error:
        raise TaskFailed(str(error)) from None
    return target


async def kept(run: RunContext, path: Path) -> str:
    """Store a file, remove it here, and give its URI. Raises TaskFailed."""
    uri = await stored(run, path, path.suffix)
    await asyncio.to_thread(path.unlink)
    return uri


async def write_inputs(run: RunContext, files: Mapping[str, Any]) -> None:
    directory = await run.directory()
    for name, content in files.items():
        target = inside(directory, name)
        text = content if isinstance(content, str) else write_json(content).decode()
        await asyncio.to_thread(target.parent.mkdir, parents=True, exist_ok=True)
        if text.startswith("kestra://"):
            await fetched_as(run, text, target)
        else:
            await asyncio.to_thread(target.write_text, text, encoding="utf-8")


async def keep_outputs(run: RunContext, names: Sequence[str]) -> dict[str, str]:
    """URIs by name. Raises TaskFailed that says which file was not written."""
    directory = await run.directory()
    found: dict[str, str] = {}
    for name in names:
        path = inside(directory, name)
        if not path.resolve().is_relative_to(directory.resolve()) or not path.is_file():
            raise TaskFailed(
                f"outputFiles: the SQL did not write `{name}`: write it with COPY … TO '{{{{ outputFiles['{name}'] }}}}'"
            )
        found[name] = await kept(run, path)
    return found


def inside(directory: Path, name: str) -> Path:
    """Raises TaskFailed if the name leads out of the working directory."""
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\0" in name:
        raise TaskFailed(f"file name {name!r} must be relative and stay in the working directory")
    return directory / path
