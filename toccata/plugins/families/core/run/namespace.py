"""``core.namespace.*``: what the tasks do with files of namespaces."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from secrets import token_hex
from typing import Any

from toccata.files import fetch, matches_path, matching
from toccata.plugin import (
    NotJson,
    Outputs,
    RunContext,
    StorageRefused,
    TaskFailed,
    glob_pattern,
    read_json,
    scratch,
    stored,
)
from toccata.plugins.families.core import namespace as declared

_SCHEMES = ("kestra://", "nsfile://", "file://")


def directory_variables(written: Mapping[str, Any], directory: Path) -> Mapping[str, Any]:
    """Globs may name the working directory."""
    del written
    return {"workingDir": str(directory)}


async def upload(task: declared.UploadFiles, run: RunContext) -> Outputs:
    wanted: list[tuple[str, str | Path]] = []
    files = _read(task.files)
    if isinstance(files, dict):
        wanted += _of_map(files)
    else:
        wanted += await _of_list(files, task.destination, run)
    wanted += _of_map(task.files_map)
    return {"files": {path: uri for path, source in wanted if (uri := await _put(task, run, path, source))}}


def _read(files: Any) -> Any:
    """A map or a list, which an expression may have given as text."""
    if isinstance(files, str):
        text = files.strip()
        try:
            return read_json(text) if text.startswith("[") else _object(text) if text else []
        except NotJson as error:
            raise TaskFailed(f"files: is not JSON: {error}") from None
    if files is None or isinstance(files, (dict, list)):
        return files if files is not None else []
    raise TaskFailed("files: must be a list of texts, or a map of paths and addresses")


def _object(text: str) -> Any:
    return read_json(text) if text.startswith("{") else [text]


def _of_map(files: Mapping[str, Any]) -> Iterator[tuple[str, str | Path]]:
    for path, uri in files.items():
        if not isinstance(uri, str) or not uri.startswith(_SCHEMES):
            raise TaskFailed(f"files: `{path}` must have the address of a file, such as kestra:///…")
        yield path, uri


async def _of_list(files: list[Any], destination: str, run: RunContext) -> list[tuple[str, str | Path]]:
    if not all(isinstance(each, str) for each in files):
        raise TaskFailed("files: must be a list of texts, or a map of paths and addresses")
    folder = destination.rstrip("/")
    found: list[tuple[str, str | Path]] = [
        (f"{folder}/{each.rpartition('/')[2]}", each) for each in files if each.startswith(_SCHEMES)
    ]
    directory = await run.directory()
    globs = [each.removeprefix(f"{directory}/") for each in files if not each.startswith(_SCHEMES)]
    patterns = [glob_pattern(each.lstrip("/")) for each in globs]
    local = await asyncio.to_thread(matching, directory, patterns) if patterns else []
    return [*found, *((f"{folder}/{name}", path) for name, path in local)]


async def _put(task: declared.UploadFiles, run: RunContext, path: str, source: str | Path) -> str | None:
    """The address of the file that was stored. None if there is nothing to store."""
    if isinstance(source, str):
        copy = await scratch(run) / "file"
        try:
            if not await run.storage.exists(source):
                run.log("WARN", f"There is no file `{source}`, so nothing is stored as `{path}`")
                return None
        except StorageRefused as error:
            raise TaskFailed(str(error)) from None
        await fetch(run, source, copy)
        source = copy
    exists = _normal(path) in await run.files.paths(task.namespace)
    if exists and task.conflict == "SKIP":
        run.log("DEBUG", f"`{path}` exists, and is left as it is")
        return None
    return await run.files.put(path, source, task.namespace, overwrite=task.conflict != "ERROR")


def _normal(path: str) -> str:
    return "/" + "/".join(part for part in path.split("/") if part)


async def download(task: declared.DownloadFiles, run: RunContext) -> Outputs:
    found: dict[str, str] = {}
    for path in await run.files.paths(task.namespace):
        if matches_path(path, task.files):
            copy = await scratch(run) / "file"
            await fetch(run, await run.files.address(path, task.namespace), copy)
            found[task.destination + path] = await stored(
                run, copy, f"{token_hex(8)}-{path.rpartition('/')[2]}"
            )
    run.metric("counter", "downloaded", len(found))
    return {"files": found}


async def delete(task: declared.DeleteFiles, run: RunContext) -> Outputs:
    gone: dict[str, str] = {}
    for path in await run.files.paths(task.namespace):
        if matches_path(path, task.files):
            gone[path] = await run.files.address(path, task.namespace)
            await run.files.delete(path, task.namespace)
    if task.delete_parent_folder:
        await _delete_empty(task.namespace, gone, run)
    run.metric("counter", "deleted", len(gone))
    return {"files": gone}


async def _delete_empty(namespace: str | None, gone: Mapping[str, str], run: RunContext) -> None:
    """Folders that somebody created stay when their last file goes. These go, too, from the inside."""
    folders = {folder for path in gone for folder in _above(path)}
    for folder in sorted(folders, key=len, reverse=True):
        if await run.files.is_folder(folder, namespace) and await run.files.is_empty(folder, namespace):
            await run.files.delete(folder, namespace)


def _above(path: str) -> Iterator[str]:
    while path := path.rpartition("/")[0]:
        yield path


async def purge(task: declared.PurgeFiles, run: RunContext) -> Outputs:
    if task.namespaces is not None and task.namespace_pattern is not None:
        raise TaskFailed("`namespaces` and `namespacePattern` cannot be used together")
    before = _instant(task.behavior.before)
    size = 0
    for namespace in [each for each in await run.values.namespaces() if _is_meant(task, each)]:
        for path in await run.files.paths(namespace):
            if task.file_pattern is None or matches_path(path, [task.file_pattern]):
                size += await _forget(run, namespace, path, task.behavior.keep_amount, before)
    return {"size": size}


async def _forget(
    run: RunContext, namespace: str, path: str, keep: int | None, before: datetime | None
) -> int:
    old = (await run.files.revisions(path, namespace))[:-1]
    if keep is not None:
        old = old[: max(0, len(old) + 1 - keep)]
    numbers = [number for number, at in old if before is None or at < before]
    if numbers:
        await run.files.forget(path, numbers, namespace)
    return len(numbers)


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise TaskFailed(f"behavior.before: `{text}` is no instant such as 2026-03-01T08:15:30Z") from None
    return found if found.tzinfo is not None else found.replace(tzinfo=UTC)


def _is_meant(task: declared.PurgeFiles, namespace: str) -> bool:
    if task.namespace_pattern is not None:
        return glob_pattern(task.namespace_pattern).fullmatch(namespace) is not None
    if task.namespaces is None:
        return True
    return any(
        namespace == name or (task.include_child_namespaces and namespace.startswith(name + "."))
        for name in task.namespaces
    )
