"""Paths of namespace files as callers give them, files as the API shows them, and archives of them. Uploads are not trusted."""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from contracts.namespace_path import BadPath, file_path, name_of
from services.web.core.problem import invalid_argument, invalid_entity
from services.web.core.view.page import Json
from toccata.runtime.namespace.files import Listed

FLOWS_FOLDER = "/_flows"
"""What is uploaded here becomes a flow."""
MOST_ENTRIES = 20_000
MOST_UNPACKED_BYTES = 2 * 1024 * 1024 * 1024
_BROKEN = (zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, OSError, EOFError, NotImplementedError)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_NAMESPACE_LINE = re.compile(r"^namespace:.*$", re.MULTILINE)
_PART_BYTES = 1024 * 1024


def wanted_path(text: str | None, *, root: bool = False) -> str:
    """The path that a caller names. Raises Problem 422 if it is none, or not one of a file. ``root``: the root may be named."""
    try:
        path = file_path(text or "")
    except BadPath as error:
        raise invalid_argument(str(error)) from None
    if path == "/" and not root:
        raise invalid_argument("`path` is required: the path of a file or a folder, such as /scripts/main.py")
    return path


def writable_path(text: str | None) -> str:
    """Like ``wanted_path``, but not for the folder that stands for flows."""
    path = wanted_path(text)
    if path == FLOWS_FOLDER or path.startswith(FLOWS_FOLDER + "/"):
        raise invalid_argument(f"Forbidden path: {path}. It stands for the flows of the namespace")
    return path


def is_flow(path: str) -> bool:
    """Whether an upload to this path is a flow. Raises Problem 422 if it cannot be one."""
    if not path.startswith(FLOWS_FOLDER + "/"):
        return False
    if path.count("/") != 2:
        raise invalid_argument(f"Invalid flow file path: {path}")
    return True


def in_namespace(source: str, namespace: str) -> str:
    """The source of a flow, moved to the namespace that it is uploaded to."""
    return _NAMESPACE_LINE.sub(f"namespace: {namespace}", source, count=1)


def attributes(file: Listed) -> Json:
    """Dates are in milliseconds here, as Kestra has them."""
    return {
        "fileName": name_of(file.path),
        "lastModifiedTime": file.updated_at,
        "creationTime": file.created_at,
        "type": "Directory" if file.folder else "File",
        "size": file.size,
        "metadata": {},
    }


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
