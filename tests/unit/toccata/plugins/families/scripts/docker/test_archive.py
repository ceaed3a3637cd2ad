"""What comes out of a container is not trusted: nothing is written outside of the working directory."""

from __future__ import annotations

import io
import tarfile
from collections.abc import AsyncIterator
from pathlib import Path, PurePosixPath

import pytest

from toccata.plugin import FETCHED_FOLDER, TaskFailed
from toccata.plugins.families.scripts.run.docker.archive import packed, unpack


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    return made


def tar_of(*members: tarfile.TarInfo, content: bytes = b"x") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as tar:
        for each in members:
            each.size = len(content) if each.isreg() else 0
            tar.addfile(each, io.BytesIO(content))
    return buffer.getvalue()


def member(name: str, kind: bytes = tarfile.REGTYPE, link: str = "") -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname, found.mode = kind, link, 0o644
    return found


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def in_parts(content: bytes, size: int = 700) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


@pytest.mark.parametrize(
    "hostile",
    [
        [member("work/../../out.txt")],
        [member("work/link", tarfile.SYMTYPE, "/etc/passwd")],
        [member("work/link", tarfile.SYMTYPE, "../../out.txt")],
        [member("work/out.txt", tarfile.LNKTYPE, "work/../../secret")],
        [member("work/pipe", tarfile.FIFOTYPE)],
        [member("work/disk", tarfile.BLKTYPE)],
    ],
)
async def test_nothing_leads_out_of_the_directory(directory: Path, hostile: list[tarfile.TarInfo]) -> None:
    (directory.parent / "secret").write_text("secret")
    left_out = await unpack(in_parts(tar_of(member("work/good.txt"), *hostile)), directory)
    assert len(left_out) == 1
    assert names_in(directory) == ["good.txt"]
    assert names_in(directory.parent) == ["secret", "work"]


async def test_a_link_that_is_here_already_is_replaced_and_not_followed(directory: Path) -> None:
    outside = directory.parent / "outside"
    outside.write_text("as before")
    (directory / "file.txt").symlink_to(outside)
    (directory / "folder").symlink_to(directory.parent)
    sent = tar_of(member("work/file.txt"), member("work/folder/outside"), content=b"new")
    assert await unpack(in_parts(sent), directory) == ["folder/outside"]
    assert (directory / "file.txt").read_text() == "new"
    assert outside.read_text() == "as before"


async def test_links_and_second_names_inside_the_directory_come_back(directory: Path) -> None:
    sent = tar_of(
        member("work/a.txt"),
        member("work/near", tarfile.SYMTYPE, "a.txt"),
        member("work/same.txt", tarfile.LNKTYPE, "work/a.txt"),
    )
    assert await unpack(in_parts(sent), directory) == []
    assert (directory / "near").is_symlink()
    assert (directory / "same.txt").read_text() == "x"


async def test_what_was_fetched_for_the_task_does_not_come_back(directory: Path) -> None:
    await unpack(in_parts(tar_of(member(f"work/{FETCHED_FOLDER}/python/a.py"))), directory)
    assert names_in(directory) == []


async def test_a_directory_goes_and_comes_whole(directory: Path, tmp_path: Path) -> None:
    (directory / "deep" / "er").mkdir(parents=True)
    large = bytes(range(256)) * 10_000
    (directory / "deep" / "er" / f"{'long' * 40}.bin").write_bytes(large)
    (directory / "empty.txt").touch()
    (directory / "run.sh").write_text("echo")
    (directory / "run.sh").chmod(0o755)
    (directory / "near").symlink_to("run.sh")
    sent = b"".join([part async for part in packed(directory, PurePosixPath("/tmp/a/work"))])
    with tarfile.open(fileobj=io.BytesIO(sent)) as tar:
        assert tar.getnames()[0] == "tmp/a/work"
        assert tar.getmember("tmp/a/work").mode == 0o777  # for images with a user of their own
    back = tmp_path / "back"
    back.mkdir()
    await unpack(in_parts(renamed(sent)), back)
    assert (back / "deep" / "er" / f"{'long' * 40}.bin").read_bytes() == large
    assert (back / "run.sh").stat().st_mode & 0o111
    assert (back / "empty.txt").read_bytes() == b""
    assert (back / "near").is_symlink()


def renamed(sent: bytes) -> bytes:
    """As an engine sends a directory: its last name comes first."""
    buffer = io.BytesIO()
    with (
        tarfile.open(fileobj=io.BytesIO(sent)) as tar,
        tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as other,
    ):
        for each in tar:
            each.name = each.name.removeprefix("tmp/a/")
            each.pax_headers = {}
            other.addfile(each, tar.extractfile(each) if each.isreg() else None)
    return buffer.getvalue()


async def test_a_stream_that_ends_early_is_a_failure_with_a_reason(directory: Path) -> None:
    sent = tar_of(member("work/a.bin"), content=b"x" * 100_000)
    with pytest.raises(TaskFailed, match="did not come back whole"):
        await unpack(in_parts(sent[:50_000]), directory)
