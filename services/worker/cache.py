"""The cache of a shared working directory: one archive a task, and a value of a loop, in internal storage."""

from __future__ import annotations

import asyncio
import zipfile
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path

from contracts.language.types.flowable.working_directory import Cache
from services.worker.run_context import AttemptContext
from toccata.files import inside, matching
from toccata.kit.file import FETCHED_FOLDER
from toccata.plugin import StorageRefused, TaskFailed
from toccata.runtime.glob import glob_pattern
from toccata.runtime.storage import uri_of

_ARCHIVE = "cache.zip"
_RESTORED = "cache-restored"
"""A file of the directory that is as old as the restored ones, or newer."""


def address_of(context: AttemptContext) -> str:
    """Return where the archive is. A task has one for each value of the loop around it."""
    flow, taskrun = context.variables["flow"], context.variables["taskrun"]
    value = taskrun.get("value")
    more = [] if value is None else [blake2b(str(value).encode(), digest_size=16).hexdigest()]
    return uri_of(
        *flow["namespace"].split("."), flow["id"], context.variables["task"]["id"], "cache", *more, _ARCHIVE
    )


async def restore(context: AttemptContext, cache: Cache) -> None:
    """Unpack the archive, if there is one that still counts."""
    if isinstance(cache.ttl, str):
        raise TaskFailed(f"cache.ttl: `{cache.ttl}` is no ISO-8601 duration such as PT1H")
    uri, storage = address_of(context), context.shared_storage
    try:
        modified = await storage.modified(uri)
        if cache.ttl is not None and datetime.now(UTC) - modified > cache.ttl:
            context.log("DEBUG", "The cache is too old, and is not used")
            return
        archive = await _private(context, _ARCHIVE)
        await storage.download(uri, archive)
    except StorageRefused:
        context.log("DEBUG", "There is no cache yet")
        return
    directory = await context.directory()
    try:
        count = await asyncio.to_thread(_unpack, archive, directory)
    except (zipfile.BadZipFile, OSError) as error:
        context.log("WARN", f"The cache cannot be read, and is not used: {error}")
        return
    (await _private(context, _RESTORED)).touch()
    context.log("DEBUG", f"{count} files restored from the cache")


async def save(context: AttemptContext, cache: Cache) -> None:
    """Store the files that match, unless none of them changed. A cache that cannot be stored is a line in the log."""
    directory = await context.directory()
    found = await asyncio.to_thread(matching, directory, [glob_pattern(each) for each in cache.patterns])
    restored = await _private(context, _RESTORED)
    if restored.exists() and not _changed(found, restored):
        context.log("DEBUG", "The files of the cache did not change")
        return
    if not found:
        return
    archive = await _private(context, _ARCHIVE)
    try:
        await asyncio.to_thread(_pack, archive, found)
        await context.shared_storage.put(address_of(context), archive)
    except (StorageRefused, OSError) as error:
        context.log("ERROR", f"Unable to store the cache: {error}")
        return
    context.log("DEBUG", f"{len(found)} files stored in the cache")


async def _private(context: AttemptContext, name: str) -> Path:
    folder = await context.directory() / FETCHED_FOLDER
    folder.mkdir(exist_ok=True)
    return folder / name


def _changed(found: list[tuple[str, Path]], restored: Path) -> bool:
    since = restored.stat().st_mtime_ns
    return any(path.stat().st_mtime_ns > since for _, path in found)


def _pack(archive: Path, found: list[tuple[str, Path]]) -> None:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as packed:
        for name, path in found:
            packed.write(path, name)


def _unpack(archive: Path, directory: Path) -> int:
    count = 0
    with zipfile.ZipFile(archive) as packed:
        for entry in packed.infolist():
            if entry.is_dir():
                continue
            target = inside(directory, entry.filename)
            target.parent.mkdir(parents=True, exist_ok=True)
            with packed.open(entry) as source, target.open("wb") as out:
                while chunk := source.read(1024 * 1024):
                    out.write(chunk)
            target.chmod((entry.external_attr >> 16) & 0o777 or 0o644)
            count += 1
    return count
