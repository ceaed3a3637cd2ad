"""Compressed streams, part by part."""

from __future__ import annotations

import lzma
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import cramjam

_PART = 1024 * 1024
_MODULES = {
    "BROTLI": cramjam.brotli,
    "BZIP2": cramjam.bzip2,
    "DEFLATE": cramjam.zlib,
    "GZIP": cramjam.gzip,
    "LZ4FRAME": cramjam.lz4,
    "SNAPPYFRAME": cramjam.snappy,
    "ZSTD": cramjam.zstd,
}
"""Apache's DEFLATE, which Kestra uses, has zlib's frame."""
_LZMA = {"XZ": lzma.FORMAT_XZ, "LZMA": lzma.FORMAT_ALONE}


class Bad(Exception):
    """The message is for people."""


def compress(job: Mapping[str, Any]) -> dict[str, Any]:
    kind = job["compression"]
    with Path(job["source"]).open("rb") as source, Path(job["target"]).open("wb") as target:
        if kind == "SNAPPY":  # it has no frame, so it is compressed as a whole
            target.write(bytes(cramjam.snappy.compress_raw(source.read())))
        elif kind in _LZMA:
            _through(lzma.LZMACompressor(_LZMA[kind]), source, target)
        else:
            packer = _MODULES[kind].Compressor()
            while part := source.read(_PART):
                packer.compress(part)
                target.write(bytes(packer.flush()))
            target.write(bytes(packer.finish()))
    return {}


def _through(packer: lzma.LZMACompressor, source: BinaryIO, target: BinaryIO) -> None:
    while part := source.read(_PART):
        target.write(packer.compress(part))
    target.write(packer.flush())


def decompress(job: Mapping[str, Any]) -> dict[str, Any]:
    decompress_file(Path(job["source"]), Path(job["target"]), job["compression"])
    return {}


def decompress_file(source: Path, target: Path, kind: str) -> None:
    """Raises Bad."""
    try:
        _DECOMPRESS.get(kind, _by_module)(source, target, kind)
    except (cramjam.DecompressionError, lzma.LZMAError, EOFError) as error:
        raise Bad(f"the file is not {kind}, or damaged: {error}") from None


def _by_module(source: Path, target: Path, kind: str) -> None:
    """The library reads and writes files by itself, part by part."""
    target.touch()
    given = cramjam.File(str(source))
    made = cramjam.File(str(target))
    _MODULES[kind].decompress_into(given, made)


def _by_lzma(source: Path, target: Path, _: str) -> None:
    with lzma.open(source) as file, target.open("wb") as out:
        shutil.copyfileobj(file, out, _PART)


def _snappy(source: Path, target: Path, _: str) -> None:
    target.write_bytes(bytes(cramjam.snappy.decompress_raw(source.read_bytes())))


_DECOMPRESS: Mapping[str, Callable[[Path, Path, str], None]] = {
    "SNAPPY": _snappy,
    "LZMA": _by_lzma,
    "XZ": _by_lzma,
}
