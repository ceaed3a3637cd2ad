"""What tasks do with files of a server."""

from __future__ import annotations

import asyncio
import hashlib
import posixpath
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from toccata.plugin import (
    Outputs,
    Properties,
    RunContext,
    TaskFailed,
    fetched,
    in_thread,
    name_filter,
    scratch,
    sources,
    stored,
)
from toccata.plugins.families.fs import actions
from toccata.plugins.families.fs.ftp import Ftp
from toccata.plugins.families.fs.run.place import Entry, Place, make_folders
from toccata.plugins.families.fs.sftp import Sftp

Result = TypeVar("Result")
_MOST_DEEP = 100


class Files:
    """A place, whose calls are made in threads, and end with the task."""

    def __init__(self, place: Place) -> None:
        self.place = place

    async def call(self, work: Callable[..., Result], *arguments: Any, **named: Any) -> Result:
        """Raise TaskFailed."""

        def done() -> Result:
            return work(*arguments, **named)

        try:
            return await in_thread(done, stop=self.place.close)
        except OSError as error:
            raise TaskFailed(str(error)) from None

    def uri(self, path: str) -> str:
        return f"{self.place.scheme}://{self.place.host}{path}"


@asynccontextmanager
async def reached(task: Properties) -> AsyncIterator[Files]:
    """Raise TaskFailed if the server cannot be reached or does not let the task in."""
    try:
        place = await in_thread(_open, task)
    except OSError as error:
        raise TaskFailed(str(error)) from None
    try:
        yield Files(place)
    finally:
        with suppress(OSError):
            await in_thread(place.close)


def _open(task: Properties) -> Place:
    if isinstance(task, Sftp):
        from toccata.plugins.families.fs.run.sftp import SftpPlace

        return SftpPlace(task)
    assert isinstance(task, Ftp)
    from toccata.plugins.families.fs.run.ftp import FtpPlace

    return FtpPlace(task)


def path_of(text: str) -> str:
    """As servers get it. ``..`` does not lead above the root."""
    if any(ord(each) < 32 for each in text):
        raise TaskFailed(f"{text!r} is no path")
    return posixpath.normpath("/" + text.strip("/"))


def target_of(to: str, name: str) -> str:
    """Behind a ``/`` at the end comes the name."""
    return path_of(f"{to}{name}") if to.endswith("/") or not to else path_of(to)


async def download(task: actions.Download, run: RunContext) -> Outputs:
    path = path_of(task.from_)
    async with reached(task) as files:
        local = await read(files, run, path)
    outputs: dict[str, Any] = {"from": files.uri(path)}
    if task.validate_checksum:
        outputs["checksum"] = await checked(task, local)
    outputs["to"] = await stored(run, local, PurePosixPath(path).suffix)
    return outputs


async def checked(task: actions.Checked, path: Path) -> str:
    """The checksum. Raise TaskFailed if another is expected."""
    kind = task.checksum_algorithm.replace("_", "").lower()
    found = await asyncio.to_thread(_digest, path, kind)
    wanted = (task.checksum_expected or found).strip().lower()
    if wanted != found:
        raise TaskFailed(
            f"checksumExpected: the file has the {task.checksum_algorithm} {found}, not {wanted}"
        )
    return found


def _digest(path: Path, kind: str) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.new(kind, usedforsecurity=False)).hexdigest()


async def read(files: Files, run: RunContext, path: str) -> Path:
    local = await scratch(run) / "file"
    await files.call(files.place.read, path, local)
    run.metric("counter", "file.size", local.stat().st_size)
    run.log("DEBUG", f"File '{files.uri(path)}' was downloaded")
    return local


async def listing(task: actions.Listing, run: RunContext) -> Outputs:
    async with reached(task) as files:
        found = await chosen(files, task, run)
    return {"files": [each.output() for each in sorted_(found, task.sort)]}


def sorted_(found: list[Entry], order: str) -> list[Entry]:
    if order == "NONE":
        return found
    by_name = order.startswith("NAME")
    return sorted(
        found,
        key=lambda each: (each.name, each.path) if by_name else (each.modified or 0, each.path),
        reverse=order.endswith("DESC"),
    )


async def chosen(files: Files, task: actions.Chosen, run: RunContext) -> list[Entry]:
    """The files of a folder that are meant, ``maxFiles`` at most."""
    is_wanted = name_filter(task.reg_exp, "regExp")
    folder = path_of(task.from_)

    def find() -> list[Entry]:
        found = list(walk(files.place, folder, recursive=task.recursive))
        wanted = [each for each in found if not each.is_folder and is_wanted(each.path)]
        return sorted_(wanted, task.sort) if isinstance(task, actions.Listing) else wanted

    found = await files.call(find)
    run.log("DEBUG", f"Found '{len(found)}' files from '{files.uri(folder)}'")
    if len(found) > task.max_files:
        run.log("WARN", f"Too many files to process ({len(found)}), limiting to {task.max_files}")
    return found[: task.max_files]


def walk(place: Place, folder: str, *, recursive: bool, depth: int = 0) -> Iterator[Entry]:
    """Folders come behind what is in them. Links to folders are not followed."""
    for each in sorted(place.entries(folder), key=lambda each: each.path):
        if each.is_folder and not each.is_link and recursive:
            if depth > _MOST_DEEP:
                raise OSError(f"{folder}: the folders are more than {_MOST_DEEP} deep")
            yield from walk(place, each.path, recursive=True, depth=depth + 1)
        yield each


async def downloads(task: actions.Downloads, run: RunContext) -> Outputs:
    if task.action == "MOVE" and not task.move_directory:
        raise TaskFailed("moveDirectory: is needed with `action: MOVE`")
    outputs, uris = [], {}
    async with reached(task) as files:
        found = await chosen(files, task, run)
        for each in found:
            local = await read(files, run, each.path)
            uris[each.path] = await stored(run, local, PurePosixPath(each.path).suffix)
            await asyncio.to_thread(local.unlink)
            outputs.append({**each.output(), "path": uris[each.path]})
        if task.action == "DELETE":
            for each in found:
                await files.call(files.place.remove, each.path)
        elif task.action == "MOVE":
            for each in found:
                await move_file(files, each.path, f"{(task.move_directory or '').rstrip('/')}/", replace=True)
    return {"files": outputs, "outputFiles": uris}


async def upload(task: actions.Upload, run: RunContext) -> Outputs:
    if task.to is None:
        raise TaskFailed("to: is needed")
    path = target_of(task.to, PurePosixPath(task.from_).name)
    async with reached(task) as files:
        await _write(files, run, task.from_, path, replace=task.overwrite)
    return {"from": task.from_, "to": files.uri(path)}


async def _write(files: Files, run: RunContext, uri: str, path: str, *, replace: bool) -> None:
    local = await fetched(run, uri)

    def write() -> None:
        there = files.place.entry(path)
        if there is not None and there.is_folder:
            raise OSError(f"{files.uri(path)} is a folder: end `to` with a / to write into it")
        if there is not None and not replace:
            raise OSError(f"{files.uri(path)} exists already, and `overwrite` is false")
        make_folders(files.place, path.rpartition("/")[0])
        files.place.write(local, path)

    await files.call(write)
    run.metric("counter", "file.size", local.stat().st_size)
    run.log("DEBUG", f"File '{uri}' was uploaded to '{files.uri(path)}'")
    await asyncio.to_thread(local.unlink)


async def uploads(task: actions.Uploads, run: RunContext) -> Outputs:
    given, _ = sources(task.from_)
    if len(given) > task.max_files:
        run.log("WARN", f"Too many files to process ({len(given)}), limiting to {task.max_files}")
    written = []
    async with reached(task) as files:
        for each in given[: task.max_files]:
            path = path_of(f"{task.to}/{each.name}")
            await _write(files, run, each.uri, path, replace=task.overwrite)
            written.append(files.uri(path))
    return {"files": written}


async def move(task: actions.Move, run: RunContext) -> Outputs:
    del run
    path = path_of(task.from_)
    async with reached(task) as files:
        to = await move_file(files, path, task.to, replace=task.overwrite)
    return {"from": files.uri(path), "to": files.uri(to)}


async def move_file(files: Files, path: str, to: str, *, replace: bool) -> str:
    target = target_of(to, path.rpartition("/")[2])

    def rename() -> None:
        if files.place.entry(path) is None:
            raise OSError(f"Unable to find file '{files.uri(path)}'")
        if not replace and files.place.entry(target) is not None:
            raise OSError(f"{files.uri(target)} exists already, and `overwrite` is false")
        make_folders(files.place, target.rpartition("/")[0])
        files.place.rename(path, target, replace=replace)

    await files.call(rename)
    return target


async def delete(task: actions.Delete, run: RunContext) -> Outputs:
    path = path_of(task.uri)
    is_wanted = name_filter(task.reg_exp, "regExp")
    if path == "/" and task.reg_exp is None:
        raise TaskFailed("uri: the root cannot be deleted")

    def remove(place: Place) -> list[str] | None:
        """None if there is nothing."""
        there = place.entry(path)
        if there is None:
            return None
        if not there.is_folder or there.is_link:
            place.remove(path)
            return [path]
        gone = []
        walked = walk(place, path, recursive=task.recursive) if task.recursive or task.reg_exp else iter(())
        for each in walked:
            if each.is_folder and not each.is_link:
                if task.reg_exp is None:
                    place.remove_folder(each.path)
            elif is_wanted(each.path):
                place.remove(each.path)
                gone.append(each.path)
        if task.reg_exp is None:
            place.remove_folder(path)
        return gone

    async with reached(task) as files:
        gone = await files.call(remove, files.place)
    if gone is None and task.error_on_missing:
        raise TaskFailed(f"Unable to find file '{files.uri(path)}'")
    run.log("DEBUG", f"{len(gone or [])} files of '{files.uri(path)}' were deleted")
    return {
        "uri": files.uri(path),
        "deleted": gone is not None,
        "uris": [files.uri(each) for each in gone or []],
    }
