"""Archives: their members are numbered files, whose names nothing is done with."""

from __future__ import annotations

import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from toccata.plugins.families.compress.run.codec import Bad, compress, decompress_file

MOST_FILES = 10_000
_PART = 1024 * 1024


def pack(job: Mapping[str, Any]) -> dict[str, Any]:
    """Raises Bad."""
    target, kind = Path(job["target"]), job["compression"]
    if job["algorithm"] != "TAR":
        if kind is not None:
            raise Bad(f"compression: a {job['algorithm']} compresses its members itself; leave it out")
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, path in job["members"]:
                archive.write(path, name)
        return {}
    plain = target if kind is None else target.with_suffix(".tar")
    with tarfile.open(plain, "w") as archive:
        for name, path in job["members"]:
            archive.add(path, name, recursive=False, filter=_without_owner)
    if kind is not None:
        compress({"source": str(plain), "target": str(target), "compression": kind})
    return {}


def _without_owner(member: tarfile.TarInfo) -> tarfile.TarInfo:
    """The worker's user is nobody's business."""
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def unpack(job: Mapping[str, Any]) -> dict[str, Any]:
    """Raises Bad."""
    source, folder, kind = Path(job["source"]), Path(job["target"]), job["compression"]
    folder.mkdir()
    if kind is not None:
        if job["algorithm"] != "TAR":
            raise Bad(f"compression: a {job['algorithm']} compresses its members itself; leave it out")
        plain = source.with_suffix(".plain")
        decompress_file(source, plain, kind)
        source = plain
    notes: list[str] = []
    members = _of_tar(source, notes) if job["algorithm"] == "TAR" else _of_zip(source, notes)
    try:
        names = _kept(members, folder)
    except (
        tarfile.TarError,
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        RuntimeError,
    ) as error:
        raise Bad(f"the file is no {job['algorithm']}, or damaged: {error}") from None
    return {"names": names, "notes": notes[:100]}


def _kept(members: Iterator[tuple[str, Any]], folder: Path) -> list[str]:
    """The names in the order of the files. A name that comes twice counts once, as the last."""
    numbers: dict[str, int] = {}
    for name, file in members:
        number = numbers.setdefault(name, len(numbers))
        if number >= MOST_FILES:
            raise Bad(f"the archive has more than {MOST_FILES:,} files")
        with (folder / str(number)).open("wb") as out:
            shutil.copyfileobj(file, out, _PART)
    return list(numbers)


def _of_zip(source: Path, notes: list[str]) -> Iterator[tuple[str, Any]]:
    with zipfile.ZipFile(source) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            if member.external_attr >> 28 == 0o12:
                notes.append(f"left out: {member.filename} is a link")
                continue
            with archive.open(member) as file:
                yield member.filename, file


def _of_tar(source: Path, notes: list[str]) -> Iterator[tuple[str, Any]]:
    with tarfile.open(source, "r:") as archive:
        for member in archive:
            if member.isdir():
                continue
            file = archive.extractfile(member) if member.isfile() else None
            if file is None:
                notes.append(f"left out: {member.name} is no file")
                continue
            with file:
                yield member.name.removeprefix("./"), file
