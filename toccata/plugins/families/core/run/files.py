"""Local files, worked on line by line in a thread."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import BinaryIO


def extension_of(uri: str) -> str:
    return PurePosixPath(uri).suffix


def lines_of(file: BinaryIO, separator: bytes) -> Iterator[bytes]:
    """Yield the parts between separators, without them. An empty part at the end is none."""
    rest = b""
    while chunk := file.read(1024 * 1024):
        *parts, rest = (rest + chunk).split(separator)
        yield from parts
    if rest:
        yield rest


def write_lines(path: Path, lines: Iterable[bytes], separator: bytes) -> None:
    with path.open("wb") as file:
        for line in lines:
            file.write(line + separator)
