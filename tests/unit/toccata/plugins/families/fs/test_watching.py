"""Triggers over files: of servers over SFTP, FTP and FTPS, and of the worker's machine."""

from __future__ import annotations

import os
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.attempt import Bench
from tests.support.polled import Polled
from tests.unit.toccata.plugins.families.fs.servers import PASSWORD, FileServer, ftp_server, ssh_server
from toccata.plugin import TriggerType
from toccata.plugins.families.fs import ftp, local, sftp

TRIGGERS = {"sftp": sftp.TRIGGER, "ftp": ftp.TRIGGER, "ftps": ftp.SAFE_TRIGGER}


class Desk:
    def __init__(
        self, bench: Bench, trigger: TriggerType, root: Path, folder: str, more: dict[str, Any]
    ) -> None:
        self.bench, self.trigger, self.root, self.more = bench, trigger, root, more
        self.folder = folder
        """The root, as the trigger names it."""

    def watching(self, **written: Any) -> Polled:
        known = {"from": f"{self.folder}/in/", "action": "NONE", **self.more}
        return Polled(self.bench, self.trigger, {**known, **written})

    def put(self, name: str, content: bytes = b"x", at: float = 1_000_000_000) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        os.utime(path, (at, at))

    def files(self) -> list[str]:
        return sorted(p.relative_to(self.root).as_posix() for p in self.root.rglob("*") if p.is_file())

    def uri(self, file: dict[str, Any]) -> str:
        """Return the copy in internal storage."""
        return str(file["uri" if self.trigger is local.TRIGGER else "path"])


def of_server(bench: Bench, server: FileServer) -> Desk:
    return Desk(bench, TRIGGERS[server.protocol], server.root, "", server.sign_in)


@pytest.fixture(params=["sftp", "ftp", "ftps", "local"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    root, secrets = tmp_path / "served", {"SECRET_FILES": b64encode(PASSWORD.encode()).decode()}
    if request.param == "local":
        root.mkdir()
        bench = Bench(tmp_path / "bench", local_paths=(root.resolve(),))
        yield Desk(bench, local.TRIGGER, root.resolve(), str(root.resolve()), {})
    elif request.param == "sftp":
        async with ssh_server(root) as server:
            yield of_server(Bench(tmp_path / "bench", secrets), server)
    else:
        tls = "EXPLICIT" if request.param == "ftps" else ""
        with ftp_server(root, tls=tls, mlsd=True, certificates=tmp_path) as server:
            yield of_server(Bench(tmp_path / "bench", secrets), server)


def shown(found: Any) -> list[tuple[str, str]]:
    return [(each["name"], each["changeType"]) for each in found["files"]]


async def test_new_and_changed_files_are_copied_and_found_once(desk: Desk) -> None:
    desk.put("in/a.csv", b"one")
    polled = desk.watching()
    found = await polled.one()
    assert shown(found) == [("a.csv", "CREATE")]
    assert await desk.bench.storage.get(desk.uri(found["files"][0])) == b"one"
    assert await polled.found() == []
    desk.put("in/a.csv", b"three", at=1_000_000_100)
    desk.put("in/b.csv")
    assert shown(await polled.one()) == [("a.csv", "UPDATE"), ("b.csv", "CREATE")]
    assert await polled.found() == []
    assert desk.files() == ["in/a.csv", "in/b.csv"]


async def test_files_are_moved_or_deleted_after_they_were_copied(desk: Desk) -> None:
    desk.put("in/a.csv", b"one")
    moving = desk.watching(action="MOVE", moveDirectory=f"{desk.folder}/done/")
    found = await moving.one()
    assert await desk.bench.storage.get(desk.uri(found["files"][0])) == b"one"
    assert desk.files() == ["done/a.csv"]
    assert await moving.found() == []
    desk.put("in/b.csv", b"two")
    deleting = desk.watching(action="DELETE", stateKey="other")
    assert shown(await deleting.one()) == [("b.csv", "CREATE")]
    assert desk.files() == ["done/a.csv"]
    desk.put("in/b.csv", b"two")
    assert shown(await deleting.one()) == [("b.csv", "CREATE")], "it is new"


async def test_what_nobody_heard_of_is_found_again_under_its_id(desk: Desk) -> None:
    desk.put("in/a.csv", b"one")
    polled = desk.watching(action="DELETE")
    (lost,) = await polled.found(lost=True)
    assert desk.files() == []
    (again,) = await polled.found()
    assert (again.id, again.variables) == (lost.id, lost.variables)
    assert await polled.found() == []


async def test_only_what_is_meant_is_found(desk: Desk) -> None:
    for name in ("in/a.csv", "in/b.txt", "in/deep/c.csv"):
        desk.put(name)
    flat = await desk.watching(regExp=r".*\.csv", stateKey="flat").one()
    assert shown(flat) == [("a.csv", "CREATE")]
    deep = await desk.watching(regExp=r".*\.csv", recursive=True, stateKey="deep").one()
    assert sorted(name for name, _ in shown(deep)) == ["a.csv", "c.csv"]


async def test_a_folder_that_is_not_there_has_no_files(desk: Desk) -> None:
    polled = desk.watching(**{"from": f"{desk.folder}/later/"})
    assert await polled.found() == []
    desk.put("later/a.csv")
    assert shown(await polled.one()) == [("a.csv", "CREATE")]


async def test_move_without_a_folder_is_refused(desk: Desk) -> None:
    assert await desk.watching(action="MOVE").why() == "moveDirectory: is needed with `action: MOVE`"


async def test_a_folder_of_the_machine_that_is_not_allowed_is_refused(tmp_path: Path) -> None:
    polled = Polled(Bench(tmp_path), local.TRIGGER, {"from": "/etc/"})
    assert "TOCCATA_WORKER_LOCAL_PATHS" in await polled.why()


async def test_a_share_is_watched_without_an_action(tmp_path: Path) -> None:
    root = tmp_path / "share"
    root.mkdir()
    (root / "a.csv").write_bytes(b"one")
    bench = Bench(tmp_path / "bench", local_paths=(root.resolve(),))
    polled = Polled(bench, local.NFS_TRIGGER, {"from": str(root.resolve()), "on": "CREATE"})
    (file,) = (await polled.one())["files"]
    assert (file["name"], file["size"], file["changeType"]) == ("a.csv", 3, "CREATE")
    assert await bench.storage.get(file["uri"]) == b"one"
    assert await polled.found() == []


async def test_a_server_that_is_not_there_is_named(tmp_path: Path) -> None:
    written = {"host": "127.0.0.1", "port": 1, "from": "/in/", "action": "NONE"}
    for trigger in TRIGGERS.values():
        assert "127.0.0.1" in await Polled(Bench(tmp_path), trigger, written).why()
