"""What a plugin needs for the files of its working directory: those that a task finds there, and those that it leaves there to be kept.

Import this where a task runs, and not where it is declared. All functions raise TaskFailed with a text for the flow's author. Nothing is written or read outside of the directory."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from toccata.plugin import (
    FETCHED_FOLDER,
    RunContext,
    StorageRefused,
    TaskFailed,
    WantedFiles,
    glob_pattern,
    write_json,
)

MOST_FILES = 10_000
"""The limit for files that one task keeps, or gets from namespaces."""
SCHEMES = ("kestra://", "nsfile://", "file://")


def inside(directory: Path, name: str) -> Path:
    """The path of a file in the directory. A name that leads out of it, also through a link, is refused."""
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\0" in name:
        raise TaskFailed(f"file name {name!r} must be relative and stay in the working directory")
    target = directory / path
    if not target.resolve().is_relative_to(directory.resolve()):
        raise TaskFailed(f"file name {name!r} leads out of the working directory through a link")
    return target


async def write_files(run: RunContext, files: Mapping[str, Any]) -> None:
    """Write files by name: a URI of internal storage or of a namespace file is copied, everything else is the content. An entry that
    is null is left out."""
    directory = await run.directory()
    for name, content in files.items():
        target = inside(directory, name)
        if content is None:
            continue
        await asyncio.to_thread(_make_room, target, name)
        text = text_of(content)
        if text.startswith(SCHEMES) and "\n" not in text.strip():
            await fetch(run, text.strip(), target)
        else:
            await asyncio.to_thread(target.write_text, text, encoding="utf-8")


def _make_room(target: Path, name: str) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise TaskFailed(
            f"file {name!r} cannot be written: there is a file where it needs a folder"
        ) from None
    if target.is_dir():
        raise TaskFailed(f"file {name!r} cannot be written: there is a folder of this name")


async def fetch(run: RunContext, uri: str, target: Path) -> None:
    try:
        await run.storage.download(uri, target)
    except StorageRefused as error:
        raise TaskFailed(str(error)) from error


async def copy_namespace_files(run: RunContext, wanted: WantedFiles | None) -> None:
    """Copy the files that ``namespaceFiles`` asks for, those of the last namespace at last."""
    if wanted is None or wanted.enabled is False:
        return
    own = str(run.variables.get("flow", {}).get("namespace", ""))
    copied = 0
    for namespace in wanted.namespaces or [own]:
        for path in await run.files.paths(namespace):
            if _is_wanted(path, wanted):
                copied += 1
                if copied > MOST_FILES:
                    raise TaskFailed(f"more than {MOST_FILES:,} namespace files match: narrow `include`")
                await _copy(run, namespace, path, wanted)
    run.log("DEBUG", f"{copied} namespace files copied")


def _is_wanted(path: str, wanted: WantedFiles) -> bool:
    return (not wanted.include or matches_path(path, wanted.include)) and not matches_path(
        path, wanted.exclude
    )


def matches_path(path: str, patterns: Sequence[str]) -> bool:
    """Return whether a glob fits a namespace file. Paths begin with ``/``; a glob may leave that out."""
    return any(
        glob_pattern(pattern).fullmatch(path) or glob_pattern(pattern.lstrip("/")).fullmatch(path.lstrip("/"))
        for pattern in patterns
    )


async def _copy(run: RunContext, namespace: str, path: str, wanted: WantedFiles) -> None:
    name = path.lstrip("/")
    if wanted.folder_per_namespace is True:
        name = f"{namespace}/{name}"
    target = inside(await run.directory(), name)
    if target.exists():
        if wanted.if_exists == "FAIL":
            raise TaskFailed(f"namespace file `{name}` exists in the working directory already")
        if wanted.if_exists == "WARN":
            run.warn(f"Namespace file `{name}` exists in the working directory already, and is not copied")
        if wanted.if_exists != "OVERWRITE":
            return
    await asyncio.to_thread(_make_room, target, name)
    await fetch(run, await run.files.address(path, namespace), target)


async def keep_files(run: RunContext, patterns: Sequence[str]) -> dict[str, str]:
    """Store the files that match, and return their URIs by relative path."""
    if not patterns:
        return {}
    directory = await run.directory()
    found = await asyncio.to_thread(matching, directory, [glob_pattern(pattern) for pattern in patterns])
    return {name: await keep(run, path) for name, path in found}


def matching(directory: Path, patterns: Sequence[re.Pattern[str]]) -> list[tuple[str, Path]]:
    """Return files by relative path. Blocks."""
    root = directory.resolve()
    found = []
    for path in sorted(directory.rglob("*")):
        name = path.relative_to(directory).as_posix()
        if name.startswith(FETCHED_FOLDER + "/") or not any(each.fullmatch(name) for each in patterns):
            continue
        # A link that leads out of the directory would publish a file of the worker's machine.
        if path.is_file() and path.resolve().is_relative_to(root):
            found.append((name, path))
    if len(found) > MOST_FILES:
        raise TaskFailed(f"{len(found)} files match outputFiles; at most {MOST_FILES} are allowed")
    return found


async def keep(run: RunContext, path: Path) -> str:
    try:
        return await run.storage.put(f"{run.file_prefix}{secrets.token_hex(8)}-{path.name}", path)
    except (StorageRefused, OSError) as error:
        raise TaskFailed(f"cannot keep {path.name}: {error}") from error


def text_of(value: Any) -> str:
    """A text as it is, everything else as JSON."""
    return value if isinstance(value, str) else write_json(value).decode()
