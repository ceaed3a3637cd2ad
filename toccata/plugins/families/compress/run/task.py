"""What the types run: a child works on files of the working directory."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from toccata.plugin import Outputs, RunContext, TaskFailed, fetched, in_child, read_json, stored, write_json
from toccata.plugins.families.compress.types import (
    ArchiveCompress,
    ArchiveDecompress,
    FileCompress,
    FileDecompress,
)

_CHILD = "toccata.plugins.families.compress.run.child"
_ENDINGS = {
    "BROTLI": ".br",
    "BZIP2": ".bz2",
    "DEFLATE": ".deflate",
    "GZIP": ".gz",
    "LZ4FRAME": ".lz4",
    "LZMA": ".lzma",
    "SNAPPY": ".snappy",
    "SNAPPYFRAME": ".sz",
    "XZ": ".xz",
    "ZSTD": ".zst",
}


async def compress(task: FileCompress, run: RunContext) -> Outputs:
    source = await fetched(run, task.from_)
    target = await run.directory() / "compressed"
    await _done(run, work="compress", source=str(source), target=str(target), compression=task.compression)
    return {"uri": await stored(run, target, source.suffix + _ENDINGS[task.compression])}


async def decompress(task: FileDecompress, run: RunContext) -> Outputs:
    source = await fetched(run, task.from_)
    target = await run.directory() / "decompressed"
    await _done(run, work="decompress", source=str(source), target=str(target), compression=task.compression)
    name = PurePosixPath(task.from_)
    ending = name.with_suffix("").suffix if name.suffix == _ENDINGS[task.compression] else ""
    return {"uri": await stored(run, target, ending)}


async def pack(task: ArchiveCompress, run: RunContext) -> Outputs:
    members = [[_member(name), str(await fetched(run, uri))] for name, uri in task.from_.items()]
    target = await run.directory() / "archive"
    await _done(
        run,
        work="pack",
        algorithm=task.algorithm,
        members=members,
        target=str(target),
        compression=task.compression,
    )
    ending = "." + task.algorithm.lower()
    return {"uri": await stored(run, target, ending + _ENDINGS.get(task.compression or "", ""))}


def _member(name: str) -> str:
    path = PurePosixPath(name)
    if not name or path.is_absolute() or ".." in path.parts or "\0" in name:
        raise TaskFailed(f"from: the name {name!r} must be relative, without `..`")
    return name


async def unpack(task: ArchiveDecompress, run: RunContext) -> Outputs:
    source = await fetched(run, task.from_)
    folder = await run.directory() / "members"
    answer = await _done(
        run,
        work="unpack",
        algorithm=task.algorithm,
        source=str(source),
        target=str(folder),
        compression=task.compression,
    )
    files = {}
    for number, name in enumerate(answer["names"]):
        files[name] = await stored(run, folder / str(number), PurePosixPath(name).suffix)
    return {"files": files}


async def _done(run: RunContext, **job: Any) -> dict[str, Any]:
    """Raises TaskFailed."""
    answer: dict[str, Any] = read_json(await in_child(run, _CHILD, write_json(job)))
    for line in answer.get("notes", ()):
        run.log("WARN", line)
    if "failure" in answer:
        raise TaskFailed(answer["failure"])
    return answer
