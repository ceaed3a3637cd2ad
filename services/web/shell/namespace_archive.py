"""Unpacks archives of namespace files on the local disk. Uploads are not trusted."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from services.web.core.namespace_file import wanted_path
from services.web.core.problem import invalid_argument, invalid_entity

MOST_ENTRIES = 20_000
MOST_UNPACKED_BYTES = 2 * 1024 * 1024 * 1024
_BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, OSError, EOFError, NotImplementedError)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PART_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Unpacked:
    path: str
    content: Path


def unpack(archive: Path, folder: str, scratch: Path) -> Iterator[Unpacked]:
    """Yield the files of an archive one by one. Each is gone when the next one is asked for. Raises Problem 422. Blocks."""
    try:
        with zipfile.ZipFile(archive) as packed:
            entries = [entry for entry in packed.infolist() if not entry.is_dir()]
            if len(entries) > MOST_ENTRIES:
                raise invalid_argument(f"the archive has more than {MOST_ENTRIES:,} files")
            left = MOST_UNPACKED_BYTES
            for entry in entries:
                if entry.compress_type not in _METHODS:
                    raise invalid_argument(f"`{entry.filename[:200]}` is neither stored nor deflated")
                path = wanted_path(f"{folder}/{entry.filename}")
                content = scratch / "entry"
                with packed.open(entry) as source, content.open("wb") as out:
                    left = _copied(source, out, left)
                yield Unpacked(path, content)
                content.unlink(missing_ok=True)
    except (*_BROKEN, RuntimeError) as error:
        raise invalid_entity(f"the zip archive cannot be read: {error}") from error


def _copied(source: IO[bytes], out: IO[bytes], left: int) -> int:
    """Sizes in an archive may be wrong, so the bytes themselves are counted."""
    while part := source.read(_PART_BYTES):
        left -= len(part)
        if left < 0:
            raise invalid_argument(f"the archive unpacks to more than {MOST_UNPACKED_BYTES:,} bytes")
        out.write(part)
    return left
