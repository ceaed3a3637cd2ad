"""The working directory as a tar stream, into a container and back. Files pass in parts: their size costs no memory."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import tarfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import IO

from toccata.plugin import FETCHED_FOLDER, TaskFailed

_CHUNK = 1024 * 1024
_BLOCK = 512
_END = b"\0" * (2 * _BLOCK)


async def packed(directory: Path, at: PurePosixPath) -> AsyncIterator[bytes]:
    """The directory as ``at``. Every user of the container may read and write it, because an image may have a user of its own.
    Raises TaskFailed if a file changes meanwhile."""
    for path in await asyncio.to_thread(lambda: [directory, *sorted(directory.rglob("*"))]):
        async for part in _entry(path, _described(path, at / path.relative_to(directory), widened=True)):
            yield part
    yield _END


async def context_of(directory: Path) -> AsyncIterator[bytes]:
    """The files of a build. They keep their rights, because the image keeps them. Raises TaskFailed as :func:`packed` does."""
    for path in await asyncio.to_thread(lambda: sorted(directory.rglob("*"))):
        name = path.relative_to(directory)
        if name.parts[0] != FETCHED_FOLDER:
            async for part in _entry(path, _described(path, PurePosixPath(name), widened=False)):
                yield part
    yield _END


async def _entry(path: Path, info: tarfile.TarInfo | None) -> AsyncIterator[bytes]:
    if info is None:
        return
    yield info.tobuf(tarfile.PAX_FORMAT)
    if info.isreg():
        async for part in _content(path, info.size):
            yield part


def _described(path: Path, at: PurePosixPath, *, widened: bool) -> tarfile.TarInfo | None:
    info = tarfile.TarInfo(str(at).lstrip("/"))
    try:
        found = path.lstat()
        if stat.S_ISLNK(found.st_mode):
            info.type, info.linkname = tarfile.SYMTYPE, str(path.readlink())
    except FileNotFoundError:  # another task of a shared directory removed it
        return None
    info.mtime = found.st_mtime
    if stat.S_ISDIR(found.st_mode):
        info.type, info.mode = tarfile.DIRTYPE, 0o777 if widened else 0o755
    elif stat.S_ISREG(found.st_mode):
        mode = stat.S_IMODE(found.st_mode) & 0o777
        info.size, info.mode = found.st_size, mode | 0o666 if widened else mode
    elif not stat.S_ISLNK(found.st_mode):
        return None  # a socket or a pipe means nothing elsewhere
    return info


async def _content(path: Path, size: int) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        left = size
        while left:
            part = await asyncio.to_thread(file.read, min(left, _CHUNK))
            if not part:
                raise TaskFailed(f"{path.name} became shorter while it was sent into the container")
            left -= len(part)
            yield part
    yield b"\0" * (-size % _BLOCK)


async def unpack(parts: AsyncIterator[bytes], directory: Path) -> list[str]:
    """Write what comes into the directory, without the stream's first folder. Give the names of what was left out, because it leads out
    of the directory, or is no file. Raises TaskFailed."""
    read_end, write_end = os.pipe()
    reading = asyncio.create_task(asyncio.to_thread(_unpack, read_end, directory))
    try:
        with os.fdopen(write_end, "wb", buffering=0) as pipe, suppress(BrokenPipeError):
            async for part in parts:
                await asyncio.to_thread(_write, pipe, part)
    finally:
        # The thread sees the end of the pipe, whatever happened, and must not outlive the directory.
        left_out = await asyncio.shield(reading)
    return left_out


def _write(pipe: IO[bytes], part: bytes) -> None:
    view = memoryview(part)
    while view:
        view = view[pipe.write(view) :]


def _unpack(read_end: int, directory: Path) -> list[str]:
    left_out = []
    try:
        with os.fdopen(read_end, "rb") as pipe, tarfile.open(fileobj=pipe, mode="r|") as tar:
            for member in tar:
                name = PurePosixPath(*PurePosixPath(member.name).parts[1:])
                if (
                    name.parts
                    and name.parts[0] != FETCHED_FOLDER
                    and not _placed(tar, member, name, directory)
                ):
                    left_out.append(str(name))
    except tarfile.TarError as error:
        raise TaskFailed(f"the container's files did not come back whole: {error}") from None
    except OSError as error:
        raise TaskFailed(
            f"the container's files cannot be written to the working directory: {error.strerror or error}"
        ) from None
    return left_out


def _placed(tar: tarfile.TarFile, member: tarfile.TarInfo, name: PurePosixPath, directory: Path) -> bool:
    target = directory / name
    if ".." in name.parts or not _is_inside(target.parent, directory):
        return False
    if member.isdir():
        if target.is_symlink() or (target.exists() and not target.is_dir()):
            target.unlink()
        target.mkdir(exist_ok=True)
        return True
    source = _linked(member, directory) if member.islnk() else None
    if not (member.isreg() or member.issym() or source is not None):
        return False
    if member.issym() and not _is_inside(target.parent / member.linkname, directory):
        return False
    if target.is_dir() and not target.is_symlink():
        shutil.rmtree(target)
    target.unlink(missing_ok=True)
    if member.issym():
        target.symlink_to(member.linkname)
    elif source is not None:
        shutil.copyfile(source, target)
    else:
        content = tar.extractfile(member)
        assert content is not None
        with target.open("xb") as file:
            for part in _read(content):
                file.write(part)
        target.chmod(member.mode & 0o777 | 0o600)
    return True


def _linked(member: tarfile.TarInfo, directory: Path) -> Path | None:
    """The file, already here, that another name in the container stands for."""
    source = directory.joinpath(*PurePosixPath(member.linkname).parts[1:])
    inside = ".." not in PurePosixPath(member.linkname).parts and _is_inside(source, directory)
    return source if inside and source.is_file() and not source.is_symlink() else None


def _is_inside(path: Path, directory: Path) -> bool:
    return path.resolve().is_relative_to(directory.resolve())


def _read(file: IO[bytes]) -> Iterator[bytes]:
    while part := file.read(_CHUNK):
        yield part
