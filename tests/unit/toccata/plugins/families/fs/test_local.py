"""Files of the worker's machine, and mounts."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.support.attempt import Bench
from tests.support.example import example
from tests.support.outcome import good, why
from toccata.plugin import TaskType
from toccata.plugins.families.fs import local

PLACE = "kestra:///company/team/f/executions/e1/"


KINDS = {line.split(" ")[2] for line in Path("/proc/self/mounts").read_text().splitlines()}


class Desk:
    def __init__(self, folder: Path) -> None:
        self.root = folder / "data"
        self.root.mkdir()
        self.outside = folder / "outside"
        self.outside.mkdir()
        (self.outside / "secret").write_text("secret")
        self.bench = Bench(folder / "bench", local_paths=(self.root.resolve(),))

    async def run(self, task: TaskType, written: dict[str, Any]) -> dict[str, Any]:
        return good(await self.bench.run(task, written))

    async def why(self, task: TaskType, written: dict[str, Any]) -> str:
        return await why(self.bench, task, written)

    async def file(self, content: bytes, name: str = "in.csv") -> str:
        return await self.bench.storage.put(f"{PLACE}inputs/{name}", content)

    def put(self, *names: str, content: bytes = b"x") -> None:
        for name in names:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_bytes(content)

    def files(self) -> list[str]:
        return sorted(p.relative_to(self.root).as_posix() for p in self.root.rglob("*") if p.is_file())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_a_file_is_stored_and_written(desk: Desk) -> None:
    desk.put("a.csv", content=b"hello")
    got = await desk.run(local.DOWNLOAD, {"from": f"{desk.root}/a.csv", "validateChecksum": True})
    assert (got["size"], got["checksum"]) == (5, hashlib.sha256(b"hello").hexdigest())
    assert await desk.bench.storage.get(got["uri"]) == b"hello"
    sent = await desk.run(local.UPLOAD, {"from": got["uri"], "to": f"{desk.root}/x/y.csv"})
    assert sent == {"uri": f"file://{desk.root}/x/y.csv", "size": 5}
    assert "exists already" in await desk.why(
        local.UPLOAD, {"from": got["uri"], "to": f"{desk.root}/x/y.csv", "overwrite": False}
    )
    assert desk.files() == ["a.csv", "x/y.csv"], "no part of a file is left"


async def test_several_files_are_stored_and_written(desk: Desk) -> None:
    desk.put("in/a.csv", "in/b.csv", "in/c.txt")
    written = {
        "from": f"{desk.root}/in",
        "regExp": ".*csv",
        "action": "MOVE",
        "moveDirectory": f"{desk.root}/done",
    }
    got = await desk.run(local.DOWNLOADS, written)
    assert list(got["outputFiles"]) == [f"{desk.root}/in/a.csv", f"{desk.root}/in/b.csv"]
    assert desk.files() == ["done/a.csv", "done/b.csv", "in/c.txt"]
    sent = await desk.run(local.UPLOADS, {"from": {"n.csv": got["files"][0]["uri"]}, "to": f"{desk.root}/up"})
    assert sent == {"files": [f"file://{desk.root}/up/n.csv"]}
    await desk.run(local.DOWNLOADS, {"from": f"{desk.root}/done", "action": "DELETE"})
    assert desk.files() == ["in/c.txt", "up/n.csv"]


@pytest.mark.parametrize("task", [local.LIST, local.NFS_LIST], ids=lambda each: each.name)
async def test_files_are_listed(desk: Desk, task: TaskType) -> None:
    desk.put("b.csv", "a.csv", "deep/c.csv", "d.txt")

    async def names(**more: Any) -> list[str]:
        return [each["name"] for each in (await desk.run(task, {"from": str(desk.root), **more}))["files"]]

    assert await names() == ["a.csv", "b.csv", "d.txt"]
    assert await names(recursive=True, regExp=".*csv", sort="NAME_DESC") == ["c.csv", "b.csv", "a.csv"]
    assert await names(regExp=f"{desk.root}/d.txt") == ["d.txt"]
    assert await names(maxFiles=1) == ["a.csv"]
    (found,) = (await desk.run(task, {"from": str(desk.root), "regExp": "d.txt"}))["files"]
    assert (found["localPath"], found["size"], found["isDirectory"]) == (f"{desk.root}/d.txt", 1, False)


@pytest.mark.parametrize(
    ("copy", "move"),
    [(local.COPY, local.MOVE), (local.NFS_COPY, local.NFS_MOVE)],
    ids=["local", "nfs"],
)
async def test_files_and_folders_are_copied_and_moved(desk: Desk, copy: TaskType, move: TaskType) -> None:
    desk.put("a", "folder/b")
    await desk.run(copy, {"from": f"{desk.root}/a", "to": f"{desk.root}/x/"})
    await desk.run(copy, {"from": f"{desk.root}/folder", "to": f"{desk.root}/other"})
    assert desk.files() == ["a", "folder/b", "other/b", "x/a"]
    await desk.run(move, {"from": f"{desk.root}/other", "to": f"{desk.root}/x/"})
    assert desk.files() == ["a", "folder/b", "x/a", "x/other/b"]
    assert "does not exist" in await desk.why(move, {"from": f"{desk.root}/gone", "to": f"{desk.root}/y"})


async def test_nothing_is_overwritten_unasked(desk: Desk) -> None:
    desk.put("a", "b")
    for task in (local.COPY, local.MOVE):
        written = {"from": f"{desk.root}/a", "to": f"{desk.root}/b"}
        assert "exists already, and `overwrite` is false" in await desk.why(task, written)
        desk.put("a", content=b"new")
        await desk.run(task, {**written, "overwrite": True})
    assert desk.files() == ["b"]


async def test_files_and_folders_are_deleted(desk: Desk) -> None:
    desk.put("a", "in/b.csv", "in/c.txt")
    await desk.run(local.DELETE, {"from": f"{desk.root}/a"})
    assert (await desk.run(local.DELETE, {"from": f"{desk.root}/a"}))["deleted"] is False
    missing = {"from": f"{desk.root}/a", "errorOnMissing": True}
    assert "does not exist" in await desk.why(local.DELETE, missing)
    assert "does not exist" in await desk.why(local.NFS_DELETE, {"uri": f"{desk.root}/a"})
    assert "Directory not empty" in await desk.why(local.DELETE, {"from": f"{desk.root}/in"})
    chosen = await desk.run(local.NFS_DELETE, {"uri": f"{desk.root}/in", "regExp": ".*csv"})
    assert chosen["uris"] == [f"file://{desk.root}/in/b.csv"]
    await desk.run(local.DELETE, {"from": f"{desk.root}/in", "recursive": True})
    assert list(desk.root.iterdir()) == []
    message = await desk.why(local.DELETE, {"from": str(desk.root), "recursive": True})
    assert "is a folder that flows may use, so it stays" in message


async def test_nothing_outside_of_the_allowed_folders_is_touched(desk: Desk) -> None:
    (desk.root / "link").symlink_to(desk.outside)
    (desk.root / "file").symlink_to(desk.outside / "secret")
    desk.put("a")
    out = [
        str(desk.outside / "secret"),
        f"{desk.root}/../outside/secret",
        f"{desk.root}/link/secret",
        f"{desk.root}/file",
        f"file://{desk.outside}/secret",
        "/etc/hostname",
    ]
    source = await desk.file(b"x")
    for path in out:
        for task, written in (
            (local.DOWNLOAD, {"from": path}),
            (local.UPLOAD, {"from": source, "to": path}),
            (local.COPY, {"from": path, "to": f"{desk.root}/b"}),
            (local.MOVE, {"from": f"{desk.root}/a", "to": path, "overwrite": True}),
            (local.DELETE, {"from": path}),
            (local.NFS_DELETE, {"uri": path}),
            (local.NFS_CHECK_MOUNT, {"path": path}),
        ):
            message = await desk.why(task, written)
            assert "is not in a folder that flows may use" in message, (task.name, path)
    for task in (local.LIST, local.DOWNLOADS, local.NFS_LIST):
        assert "is not in a folder" in await desk.why(task, {"from": f"{desk.root}/link"})
        found = await desk.run(task, {"from": str(desk.root), "recursive": True})
        assert [each["name"] for each in found["files"]] == ["a"], "links are left out"
    assert (desk.outside / "secret").read_text() == "secret"
    assert "is no absolute path" in await desk.why(local.DOWNLOAD, {"from": "a"})


async def test_without_allowed_folders_there_are_no_files(tmp_path: Path) -> None:
    message = await why(Bench(tmp_path), local.LIST, {"from": "/etc"})
    assert "TOCCATA_WORKER_LOCAL_PATHS" in message


async def test_the_kind_of_a_mount_is_told(desk: Desk) -> None:
    found = await desk.run(local.NFS_CHECK_MOUNT, {"path": str(desk.root)})
    assert found["fileStoreType"] in KINDS
    assert found["isNfsMount"] is False


@pytest.mark.parametrize(
    "task",
    [each for each in vars(local).values() if isinstance(each, TaskType)],
    ids=lambda each: each.name,
)
async def test_the_example_runs(desk: Desk, task: TaskType) -> None:
    desk.put("trips.csv")
    written = example(task, hosts={"/data": str(desk.root)})
    variables = {"inputs": {"file": await desk.file(b"x")}}
    good(await desk.bench.run(task, written, variables=variables))
