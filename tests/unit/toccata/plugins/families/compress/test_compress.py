"""Compressed files and archives: read and written by other programs too, run by the worker's own runner."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from tests.support.attempt import Bench
from tests.support.outcome import good, why
from toccata.plugin import TaskType
from toccata.plugins.families.compress.types import (
    ARCHIVE_COMPRESS,
    ARCHIVE_DECOMPRESS,
    FILE_COMPRESS,
    FILE_DECOMPRESS,
    Compression,
)

PLACE = "kestra:///company/team/f/executions/e1/"
TEXT = "".join(f"line {number}\n" for number in range(200_000)).encode()
OTHERS: dict[str, Callable[[bytes], bytes]] = {
    "GZIP": gzip.decompress,
    "BZIP2": bz2.decompress,
    "XZ": lzma.decompress,
    "LZMA": lzma.decompress,
    "DEFLATE": zlib.decompress,
}


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


async def a_file(bench: Bench, content: bytes, name: str = "in.csv") -> str:
    return await bench.storage.put(f"{PLACE}inputs/{name}", content)


@pytest.mark.parametrize("kind", get_args(Compression))
async def test_what_is_compressed_comes_back(bench: Bench, kind: str) -> None:
    packed = good(await bench.run(FILE_COMPRESS, {"from": await a_file(bench, TEXT), "compression": kind}))[
        "uri"
    ]
    content = await bench.storage.get(packed)
    assert len(content) < len(TEXT)
    if kind in OTHERS:
        assert OTHERS[kind](content) == TEXT
    back = good(await bench.run(FILE_DECOMPRESS, {"from": packed, "compression": kind}))["uri"]
    assert back.endswith(".csv")
    assert await bench.storage.get(back) == TEXT


@pytest.mark.parametrize("kind", get_args(Compression))
async def test_what_is_not_compressed_is_refused(bench: Bench, kind: str) -> None:
    message = await why(
        bench, FILE_DECOMPRESS, {"from": await a_file(bench, b"\xff plain text"), "compression": kind}
    )
    assert message.startswith(f"the file is not {kind}, or damaged")


@pytest.mark.parametrize(
    ("algorithm", "kind"), [("ZIP", None), ("JAR", None), ("TAR", None), ("TAR", "GZIP"), ("TAR", "ZSTD")]
)
async def test_what_is_packed_comes_back(bench: Bench, algorithm: str, kind: str | None) -> None:
    files = {"a.txt": await a_file(bench, b"A", "a.txt"), "folder/ü.csv": await a_file(bench, TEXT, "b.csv")}
    how = {"algorithm": algorithm, **({"compression": kind} if kind else {})}
    packed = good(await bench.run(ARCHIVE_COMPRESS, {**how, "from": files}))["uri"]
    content = io.BytesIO(await bench.storage.get(packed))
    if algorithm != "TAR":
        assert zipfile.ZipFile(content).namelist() == ["a.txt", "folder/ü.csv"]
    elif kind != "ZSTD":
        with tarfile.open(fileobj=content) as archive:
            assert archive.getnames() == ["a.txt", "folder/ü.csv"]
    found = good(await bench.run(ARCHIVE_DECOMPRESS, {**how, "from": packed}))["files"]
    assert list(found) == ["a.txt", "folder/ü.csv"]
    assert await bench.storage.get(found["folder/ü.csv"]) == TEXT


async def test_names_and_links_of_an_archive_lead_nowhere(bench: Bench) -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name in ("../../out.txt", "/absolute.txt"):
            member = tarfile.TarInfo(name)
            member.size = 1
            archive.addfile(member, io.BytesIO(b"x"))
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
        archive.addfile(link)
    run = {"algorithm": "TAR", "from": await a_file(bench, content.getvalue(), "x.tar")}
    found = good(await bench.run(ARCHIVE_DECOMPRESS, run))["files"]
    assert list(found) == ["../../out.txt", "/absolute.txt"]
    assert all(uri.startswith(f"{PLACE}tasks/t1/tr1/") for uri in found.values())
    assert ("WARN", "left out: link is no file") in bench.messages
    assert await bench.storage.below(PLACE + "out.txt") == []


@pytest.mark.parametrize(
    "task", [FILE_COMPRESS, FILE_DECOMPRESS, ARCHIVE_COMPRESS, ARCHIVE_DECOMPRESS], ids=lambda each: each.name
)
async def test_the_example_runs(bench: Bench, task: TaskType) -> None:
    written = yaml.safe_load(task.examples[0])
    assert (bool(written.pop("id")), written.pop("type")) == (True, task.name)
    content = gzip.compress(b"x")
    if task is ARCHIVE_DECOMPRESS:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w") as file:
            file.writestr("a.txt", "x")
        content = archive.getvalue()
    good(await bench.run(task, written, variables={"inputs": {"file": await a_file(bench, content)}}))


@pytest.mark.parametrize(
    ("task", "properties", "text"),
    [
        (ARCHIVE_DECOMPRESS, {"algorithm": "ZIP"}, "the file is no ZIP, or damaged: File is not a zip file"),
        (ARCHIVE_DECOMPRESS, {"algorithm": "TAR"}, "the file is no TAR, or damaged"),
        (ARCHIVE_DECOMPRESS, {"algorithm": "TAR", "compression": "GZIP"}, "the file is not GZIP, or damaged"),
        (
            ARCHIVE_DECOMPRESS,
            {"algorithm": "ZIP", "compression": "GZIP"},
            "a ZIP compresses its members itself; leave it out",
        ),
        (ARCHIVE_DECOMPRESS, {"algorithm": "ARJ"}, "algorithm"),
    ],
)
async def test_what_fails_says_why(
    bench: Bench, task: TaskType, properties: dict[str, Any], text: str
) -> None:
    assert text in await why(bench, task, {**properties, "from": await a_file(bench, b"plain text")})


async def test_names_that_lead_out_are_not_packed(bench: Bench) -> None:
    run = {"algorithm": "ZIP", "from": {"../a": await a_file(bench, b"x")}}
    assert await why(bench, ARCHIVE_COMPRESS, run) == "from: the name '../a' must be relative, without `..`"
