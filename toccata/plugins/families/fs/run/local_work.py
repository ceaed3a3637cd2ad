"""``fs.local.*`` and ``fs.nfs.*``: only below folders that whoever runs the worker has allowed."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

from toccata.plugin import Outputs, RunContext, StorageRefused, TaskFailed, name_filter, sources, stored
from toccata.plugins.families.fs import actions, local
from toccata.plugins.families.fs.run.place import Entry, when
from toccata.plugins.families.fs.run.work import checked, sorted_

Result = TypeVar("Result")
_NFS = ("nfs", "nfs4")


def allowed(run: RunContext, text: str) -> Path:
    """The path behind all links, but for the last part. Raise TaskFailed if it is not in an allowed folder."""
    written = Path(text.removeprefix("file://"))
    if not text or "\0" in text or not written.is_absolute():
        raise TaskFailed(f"`{text}` is no absolute path")
    path = Path(os.path.normpath(written))
    path = path.parent.resolve() / path.name
    for each in (path, path.resolve()):
        if not any(each.is_relative_to(folder) for folder in run.local_paths):
            raise TaskFailed(
                f"`{text}` is not in a folder that flows may use. Whoever runs the worker can allow it: "
                f"TOCCATA_WORKER_LOCAL_PATHS={path.parent}"
            )
    return path


def _target(run: RunContext, to: str, name: str) -> Path:
    is_folder = to.endswith("/")
    return allowed(run, f"{to}{name}" if is_folder else to)


async def do(work: Callable[..., Result], *arguments: Any) -> Result:
    try:
        return await asyncio.to_thread(work, *arguments)
    except OSError as error:
        raise TaskFailed(f"{error.filename or ''}: {error.strerror or error}".lstrip(": ")) from None


async def local_download(task: local.Download, run: RunContext) -> Outputs:
    path = allowed(run, task.from_)
    if not await asyncio.to_thread(path.is_file):
        raise TaskFailed(f"Source file '{path}' does not exist")
    outputs: dict[str, Any] = {"size": path.stat().st_size}
    if task.validate_checksum:
        outputs["checksum"] = await checked(task, path)
    try:
        outputs["uri"] = await stored(run, path, path.suffix)
    except OSError as error:
        raise TaskFailed(f"{path}: {error.strerror or error}") from None
    run.metric("counter", "file.size", outputs["size"])
    return outputs


async def local_downloads(task: local.Downloads, run: RunContext) -> Outputs:
    folder = Path(task.move_directory or "/")
    if task.action == "MOVE":
        if not task.move_directory:
            raise TaskFailed("moveDirectory: is needed with `action: MOVE`")
        folder = allowed(run, task.move_directory)
    found = await _chosen(task, run)
    files, uris = [], {}
    for path in found:
        uris[str(path)] = await stored(run, path, path.suffix)
        files.append({**file(path), "uri": uris[str(path)]})
    for path in found if task.action != "NONE" else ():
        if task.action == "DELETE":
            await do(path.unlink)
        else:
            await do(move, path, folder / path.name)
    return {"files": files, "outputFiles": uris}


async def local_list(task: local.ListFiles, run: RunContext) -> Outputs:
    files = [file(path) for path in await _chosen(task, run)]
    return {"files": files, "count": len(files)}


async def nfs_list(task: local.NfsList, run: RunContext) -> Outputs:
    return {"files": [shared(path) for path in await _chosen(task, run)]}


async def _chosen(task: actions.Chosen, run: RunContext) -> list[Path]:
    """Files that are meant, ``maxFiles`` at most. Links are left out."""
    folder = allowed(run, task.from_)
    is_wanted = name_filter(task.reg_exp, "regExp")
    if not await asyncio.to_thread(folder.is_dir):
        raise TaskFailed(f"`{folder}` is no folder")

    def find() -> list[Path]:
        paths = [
            path
            for path in walk(folder, recursive=task.recursive)
            if is_wanted(str(path)) or is_wanted(path.name)
        ]
        order = task.sort if isinstance(task, actions.Listing) else "NONE"
        entries = [Entry(path=str(path), modified=path.stat().st_mtime) for path in paths]
        return [Path(each.path) for each in sorted_(entries, order)]

    found = await do(find)
    if len(found) > task.max_files:
        run.log("WARN", f"Too many files to process ({len(found)}), limiting to {task.max_files}")
    return found[: task.max_files]


def walk(folder: Path, *, recursive: bool) -> Iterator[Path]:
    for base, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = Path(base) / name
            if path.is_file() and not path.is_symlink():
                yield path
        if not recursive:
            return


async def local_upload(task: local.Upload, run: RunContext) -> Outputs:
    if task.to is None:
        raise TaskFailed("to: is needed")
    path = _target(run, task.to, Path(task.from_).name)
    await _written(run, task.from_, path, replace=task.overwrite)
    return {"uri": f"file://{path}", "size": path.stat().st_size}


async def local_uploads(task: local.Uploads, run: RunContext) -> Outputs:
    is_wanted = name_filter(task.reg_exp, "regExp")
    given = [each for each in sources(task.from_)[0] if is_wanted(each.name)]
    if len(given) > task.max_files:
        run.log("WARN", f"Too many files to process ({len(given)}), limiting to {task.max_files}")
    written = []
    for each in given[: task.max_files]:
        path = allowed(run, f"{task.to.rstrip('/')}/{each.name}")
        await _written(run, each.uri, path, replace=task.overwrite)
        written.append(f"file://{path}")
    return {"files": written}


async def _written(run: RunContext, uri: str, path: Path, *, replace: bool) -> None:
    """It has its name only when it is complete."""
    await do(_make_room, path, replace)
    part = path.with_name(f".{path.name}.part")
    try:
        await run.storage.download(uri, part)
        await asyncio.to_thread(part.replace, path)
    except StorageRefused as error:
        raise TaskFailed(str(error)) from None
    except OSError as error:
        raise TaskFailed(f"{path}: {error.strerror or error}") from None
    finally:
        await asyncio.to_thread(part.unlink, missing_ok=True)
    run.metric("counter", "file.size", (await asyncio.to_thread(path.stat)).st_size)


def _make_room(path: Path, replace: bool) -> None:  # noqa: FBT001 - called in a thread
    if path.is_dir():
        raise OSError(f"`{path}` is a folder: end `to` with a / to write into it")
    if path.exists() and not replace:
        raise OSError(f"`{path}` exists already, and `overwrite` is false")
    path.parent.mkdir(parents=True, exist_ok=True)


async def local_move(task: local.Move, run: RunContext) -> Outputs:
    await _moved(run, task.from_, task.to, move, replace=task.overwrite)
    return {}


async def local_copy(task: local.Copy, run: RunContext) -> Outputs:
    await _moved(run, task.from_, task.to, _copy, replace=task.overwrite)
    return {}


async def nfs_move(task: local.NfsMove, run: RunContext) -> Outputs:
    return await _moved(run, task.from_, task.to, move, replace=True)


async def nfs_copy(task: local.NfsCopy, run: RunContext) -> Outputs:
    return await _moved(run, task.from_, task.to, _copy, replace=True)


async def _moved(
    run: RunContext, given: str, to: str, work: Callable[[Path, Path], None], *, replace: bool
) -> Outputs:
    source = allowed(run, given)
    target = _target(run, to, source.name)
    if not await asyncio.to_thread(os.path.lexists, source):
        raise TaskFailed(f"`{source}` does not exist")
    if not replace and await asyncio.to_thread(os.path.lexists, target):
        raise TaskFailed(f"`{target}` exists already, and `overwrite` is false")
    await do(work, source, target)
    return {"from": f"file://{source}", "to": f"file://{target}"}


def move(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.move(source, target)


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir() and not source.is_symlink():
        shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
    else:
        shutil.copy2(source, target, follow_symlinks=False)


async def local_delete(task: local.Delete, run: RunContext) -> Outputs:
    return await _deleted(run, task.from_, task)


async def nfs_delete(task: local.NfsDelete, run: RunContext) -> Outputs:
    return await _deleted(run, task.uri, task)


async def _deleted(run: RunContext, given: str, task: local.Delete | local.NfsDelete) -> Outputs:
    path = allowed(run, given)
    is_wanted = name_filter(task.reg_exp, "regExp")
    uri = f"file://{path}"
    if not await asyncio.to_thread(os.path.lexists, path):
        if task.error_on_missing:
            raise TaskFailed(f"`{path}` does not exist")
        return {"uri": uri, "deleted": False, "uris": []}
    if path in run.local_paths and task.reg_exp is None:
        raise TaskFailed(f"`{path}` is a folder that flows may use, so it stays")

    def remove() -> list[Path]:
        if path.is_symlink() or not path.is_dir():
            path.unlink()
            return [path]
        if task.reg_exp is None and not task.recursive:
            path.rmdir()
            return []
        gone = []
        for each in list(walk(path, recursive=task.recursive)):
            if is_wanted(str(each)) or is_wanted(each.name):
                each.unlink()
                gone.append(each)
        if task.reg_exp is None:
            shutil.rmtree(path)
        return gone

    gone = await do(remove)
    return {"uri": uri, "deleted": True, "uris": [f"file://{each}" for each in gone]}


async def nfs_checkmount(task: local.CheckMount, run: RunContext) -> Outputs:
    path = allowed(run, task.path)
    if not await asyncio.to_thread(path.exists):
        raise TaskFailed(f"`{path}` does not exist")
    kind = await do(_file_system, path)
    return {"path": task.path, "isNfsMount": kind in _NFS, "fileStoreType": kind}


def _file_system(path: Path) -> str:
    """The system's table of mounts names its points with octal numbers for spaces."""
    kinds: dict[Path, str] = {}
    for line in Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines():
        _, point, kind, *_ = line.split(" ")
        kinds[Path(point.encode().decode("unicode_escape"))] = kind
    place = path.resolve()
    return next(kinds[each] for each in (place, *place.parents) if each in kinds)


def file(path: Path) -> dict[str, Any]:
    found = path.stat()
    return {
        "localPath": str(path),
        "uri": f"file://{path}",
        "name": path.name,
        "parent": str(path.parent),
        "size": found.st_size,
        "createdDate": when(found.st_ctime),
        "modifiedDate": when(found.st_mtime),
        "accessedDate": when(found.st_atime),
        "isDirectory": path.is_dir(),
    }


def shared(path: Path) -> dict[str, Any]:
    found = path.stat()
    return {
        "name": path.name,
        "uri": f"file://{path}",
        "localPath": str(path),
        "isDirectory": path.is_dir(),
        "isSymbolicLink": path.is_symlink(),
        "isHidden": path.name.startswith("."),
        "size": found.st_size,
        "creationTime": when(found.st_ctime),
        "lastAccessTime": when(found.st_atime),
        "lastModifiedTime": when(found.st_mtime),
    }
