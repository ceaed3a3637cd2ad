"""Files over SFTP, FTP and FTPS on the worker's own runner, with real servers: asyncssh for SFTP, pyftpdlib for FTP."""

from __future__ import annotations

import asyncio
import hashlib
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from tests.support.attempt import Bench
from tests.support.example import example
from tests.support.outcome import good, why
from tests.unit.toccata.plugins.families.fs.servers import (
    PASSWORD,
    FileServer,
    ftp_server,
    ssh_server,
)
from toccata.plugin import TaskType
from toccata.plugins.families.fs import ftp, sftp

PLACE = "kestra:///company/team/f/executions/e1/"
CONTENT = bytes(range(256)) * 4096 * 3
"""3 MiB."""
TASKS: dict[str, dict[str, TaskType]] = {
    "sftp": {
        "download": sftp.DOWNLOAD,
        "downloads": sftp.DOWNLOADS,
        "list": sftp.LIST,
        "upload": sftp.UPLOAD,
        "uploads": sftp.UPLOADS,
        "move": sftp.MOVE,
        "delete": sftp.DELETE,
    },
    "ftp": {
        "download": ftp.DOWNLOAD,
        "downloads": ftp.DOWNLOADS,
        "list": ftp.LIST,
        "upload": ftp.UPLOAD,
        "uploads": ftp.UPLOADS,
        "move": ftp.MOVE,
        "delete": ftp.DELETE,
    },
    "ftps": {
        "download": ftp.SAFE_DOWNLOAD,
        "downloads": ftp.SAFE_DOWNLOADS,
        "list": ftp.SAFE_LIST,
        "upload": ftp.SAFE_UPLOAD,
        "uploads": ftp.SAFE_UPLOADS,
        "move": ftp.SAFE_MOVE,
        "delete": ftp.SAFE_DELETE,
    },
}


class Desk:
    def __init__(self, bench: Bench, server: FileServer) -> None:
        self.bench, self.server = bench, server
        self.root = server.root
        self.tasks = TASKS[server.protocol]

    async def run(self, name: str, written: dict[str, Any]) -> dict[str, Any]:
        return good(await self.bench.run(self.tasks[name], {**self.server.sign_in, **written}))

    async def why(self, name: str, written: dict[str, Any]) -> str:
        return await why(self.bench, self.tasks[name], {**self.server.sign_in, **written})

    async def file(self, content: bytes, name: str = "in.csv") -> str:
        return await self.bench.storage.put(f"{PLACE}inputs/{name}", content)

    def put(self, *names: str, content: bytes = b"x") -> None:
        for name in names:
            (self.root / name).parent.mkdir(parents=True, exist_ok=True)
            (self.root / name).write_bytes(content)

    def files(self) -> list[str]:
        return sorted(p.relative_to(self.root).as_posix() for p in self.root.rglob("*") if p.is_file())

    def uri(self, path: str) -> str:
        return f"{self.server.protocol}://127.0.0.1{path}"


def a_bench(folder: Path) -> Bench:
    return Bench(folder / "bench", {"SECRET_FILES": b64encode(PASSWORD.encode()).decode()})


@pytest.fixture(params=["sftp", "ftp", "ftp, old lists", "ftps", "ftps, implicit"])
async def desk(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Desk]:
    root, kind = tmp_path / "served", request.param
    if kind == "sftp":
        async with ssh_server(root) as server:
            yield Desk(a_bench(tmp_path), server)
        return
    tls = {"ftps": "EXPLICIT", "ftps, implicit": "IMPLICIT"}.get(kind, "")
    with ftp_server(root, tls=tls, mlsd="old" not in kind, certificates=tmp_path) as found:
        yield Desk(a_bench(tmp_path), found)


async def test_what_is_uploaded_comes_back(desk: Desk) -> None:
    source = await desk.file(CONTENT)
    sent = await desk.run("upload", {"from": source, "to": "/new/deep er/ü.csv"})
    assert sent == {"from": source, "to": desk.uri("/new/deep er/ü.csv")}
    assert (desk.root / "new/deep er/ü.csv").read_bytes() == CONTENT
    got = await desk.run("download", {"from": "/new/deep er/ü.csv", "validateChecksum": True})
    assert got["from"] == desk.uri("/new/deep er/ü.csv")
    assert got["to"].endswith(".csv")
    assert got["checksum"] == hashlib.sha256(CONTENT).hexdigest()
    assert await desk.bench.storage.get(got["to"]) == CONTENT


async def test_an_upload_takes_the_name_of_the_file_and_may_keep_what_is_there(desk: Desk) -> None:
    source = await desk.file(b"new", "a.csv")
    assert (await desk.run("upload", {"from": source, "to": "/x/"}))["to"] == desk.uri("/x/a.csv")
    again = {"from": await desk.file(b"newer", "a.csv"), "to": "/x/a.csv"}
    assert "exists already, and `overwrite` is false" in await desk.why(
        "upload", {**again, "overwrite": False}
    )
    await desk.run("upload", again)
    assert (desk.root / "x/a.csv").read_bytes() == b"newer"
    assert "is a folder: end `to` with a /" in await desk.why("upload", {**again, "to": "/x"})


async def test_several_files_are_uploaded(desk: Desk) -> None:
    one, two = await desk.file(b"1", "a.csv"), await desk.file(b"2", "b.csv")
    sent = await desk.run("uploads", {"from": [one, two], "to": "/x"})
    assert sent == {"files": [desk.uri("/x/a.csv"), desk.uri("/x/b.csv")]}
    await desk.run("uploads", {"from": {"c/d.csv": one}, "to": "/x/"})
    assert desk.files() == ["x/a.csv", "x/b.csv", "x/c/d.csv"]
    await desk.run("uploads", {"from": [one, two], "to": "/y", "maxFiles": 1})
    assert "y/b.csv" not in desk.files()
    assert ("WARN", "Too many files to process (2), limiting to 1") in desk.bench.messages


async def test_files_are_listed(desk: Desk) -> None:
    desk.put("in/b.csv", "in/a.csv", "in/deep/c.csv", "in/d.txt", content=b"12345")

    async def paths(**more: Any) -> list[str]:
        found = await desk.run("list", {"from": "/in", **more})
        return [each["path"] for each in found["files"]]

    assert await paths() == ["/in/a.csv", "/in/b.csv", "/in/d.txt"]
    assert await paths(recursive=True) == ["/in/a.csv", "/in/b.csv", "/in/d.txt", "/in/deep/c.csv"]
    assert await paths(regExp=".*\\.csv", recursive=True, sort="NAME_DESC") == [
        "/in/deep/c.csv",
        "/in/b.csv",
        "/in/a.csv",
    ]
    assert await paths(regExp="a.csv") == [], "the whole path counts"
    assert await paths(maxFiles=1) == ["/in/a.csv"]
    (found,) = (await desk.run("list", {"from": "/in", "regExp": ".*/d.txt"}))["files"]
    assert (found["name"], found["fileType"], found["size"]) == ("d.txt", "FILE", 5)
    assert found["symbolicLink"] is False


@pytest.mark.parametrize(
    ("action", "left"),
    [
        ("NONE", ["in/a.csv", "in/b.csv"]),
        ("DELETE", []),
        ("MOVE", ["done/it/a.csv", "done/it/b.csv"]),
    ],
)
async def test_files_are_downloaded_and_then_moved_or_deleted(
    desk: Desk, action: str, left: list[str]
) -> None:
    desk.put("in/a.csv", "in/b.csv")
    got = await desk.run("downloads", {"from": "/in/", "action": action, "moveDirectory": "/done/it"})
    assert list(got["outputFiles"]) == ["/in/a.csv", "/in/b.csv"]
    assert [each["path"] for each in got["files"]] == list(got["outputFiles"].values())
    assert await desk.bench.storage.get(got["outputFiles"]["/in/b.csv"]) == b"x"
    assert desk.files() == left


async def test_a_file_is_moved(desk: Desk) -> None:
    desk.put("a.csv", "b.csv")
    assert await desk.run("move", {"from": "/a.csv", "to": "/x/y/"}) == {
        "from": desk.uri("/a.csv"),
        "to": desk.uri("/x/y/a.csv"),
    }
    taken = {"from": "/b.csv", "to": "/x/y/a.csv"}
    assert "exists already, and `overwrite` is false" in await desk.why("move", taken)
    await desk.run("move", {**taken, "overwrite": True})
    assert desk.files() == ["x/y/a.csv"]
    assert "Unable to find file" in await desk.why("move", {"from": "/gone", "to": "/z"})


async def test_files_and_folders_are_deleted(desk: Desk) -> None:
    desk.put("a", "in/b.csv", "in/c.txt", "in/deep/d.csv")
    assert await desk.run("delete", {"uri": "/a"}) == {
        "uri": desk.uri("/a"),
        "deleted": True,
        "uris": [desk.uri("/a")],
    }
    assert (await desk.run("delete", {"uri": "/a"}))["deleted"] is False
    assert "Unable to find file" in await desk.why("delete", {"uri": "/a", "errorOnMissing": True})
    await desk.why("delete", {"uri": "/in"})  # it is not empty
    chosen = await desk.run("delete", {"uri": "/in", "regExp": ".*\\.csv", "recursive": True})
    assert chosen["uris"] == [desk.uri("/in/b.csv"), desk.uri("/in/deep/d.csv")]
    assert desk.files() == ["in/c.txt"]
    await desk.run("delete", {"uri": "/in", "recursive": True})
    assert list(desk.root.iterdir()) == []
    assert "the root cannot be deleted" in await desk.why("delete", {"uri": "/", "recursive": True})


async def test_no_path_leads_above_the_root(desk: Desk) -> None:
    desk.put("a", content=b"inside")
    got = await desk.run("download", {"from": "/../../a"})
    assert await desk.bench.storage.get(got["to"]) == b"inside"
    assert "is no path" in await desk.why("download", {"from": "a\r\nDELE a"})


async def test_what_fails_says_why(desk: Desk) -> None:
    desk.put("a")
    assert "gone" in await desk.why("download", {"from": "/gone"})
    assert "127.0.0.1" in await desk.why("list", {"from": "/gone"})
    assert "127.0.0.1:1" in await desk.why("list", {"from": "/", "port": 1})
    refused = await desk.why("list", {"from": "/", "password": "wrong-one"})
    assert "wrong-one" not in refused
    assert "moveDirectory: is needed" in await desk.why("downloads", {"from": "/", "action": "MOVE"})
    assert "to: is needed" in await desk.why("upload", {"from": await desk.file(b"x")})
    assert "proxies are not supported" in await desk.why("list", {"from": "/", "proxyHost": "proxy"})
    wrong = {"from": "/a", "validateChecksum": True, "checksumAlgorithm": "MD5", "checksumExpected": "00"}
    assert (
        "checksumExpected: the file has the MD5 9dd4e461268c8034f5c8564e155c67a6, not 00"
        in await desk.why("download", wrong)
    )


@pytest.mark.parametrize("kind", ["ftp", "sftp"])
async def test_a_kill_ends_a_transfer(kind: str, tmp_path: Path) -> None:
    """The server accepts the connection, and then says nothing."""
    connected = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    bench = a_bench(tmp_path)
    written = {"host": "127.0.0.1", "port": port, "username": "bot", "password": "x", "from": "/a"}
    running = asyncio.create_task(bench.run(TASKS[kind]["download"], written))
    await connected.wait()
    running.cancel()
    async with asyncio.timeout(20):
        await asyncio.wait([running])
    server.close()


async def test_a_certificate_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    with ftp_server(tmp_path / "served", tls="EXPLICIT", certificates=tmp_path) as server:
        written = {**server.sign_in, "insecureTrustAllCertificates": None, "from": "/"}
        message = await why(a_bench(tmp_path), ftp.SAFE_LIST, written)
    assert "its certificate is not accepted: self-signed certificate" in message


@pytest.mark.parametrize("passphrase", [None, "open sesame"])
@pytest.mark.parametrize("form", ["openssh", "pkcs8-pem", "pkcs1-pem"])
@pytest.mark.parametrize("kind", ["ssh-ed25519", "ecdsa-sha2-nistp256", "ssh-rsa"])
async def test_a_key_signs_in(kind: str, form: str, passphrase: str | None, tmp_path: Path) -> None:
    if (kind, form) == ("ssh-ed25519", "pkcs1-pem"):
        return  # there is no such form
    key = asyncssh.generate_private_key(kind)
    text = key.export_private_key(form, passphrase).decode()
    async with ssh_server(tmp_path / "served", key) as server:
        desk = Desk(a_bench(tmp_path), server)
        desk.put("a")
        written = {"from": "/", "password": None, "keyfile": text, "passphrase": passphrase}
        assert [each["path"] for each in (await desk.run("list", written))["files"]] == ["/a"]
        other = asyncssh.generate_private_key(kind).export_private_key("openssh").decode()
        assert "does not let `bot` in" in await desk.why(
            "list", {**written, "keyfile": other, "passphrase": None}
        )
        if passphrase:
            assert "needs a passphrase" in await desk.why("list", {**written, "passphrase": None})
        assert "keyfile: the private key cannot be read" in await desk.why(
            "list", {**written, "keyfile": "nonsense"}
        )


async def test_paths_begin_in_the_users_folder_or_at_the_servers_root(tmp_path: Path) -> None:
    async with ssh_server(tmp_path / "served", home="/home/bot") as server:
        desk = Desk(a_bench(tmp_path), server)
        desk.put("home/bot/a", "b")
        assert [each["path"] for each in (await desk.run("list", {"from": "/"}))["files"]] == ["/a"]
        there = await desk.run("list", {"from": "/", "rootDir": False})
        assert [each["path"] for each in there["files"]] == ["/b"]


async def test_a_way_to_exchange_keys_can_be_chosen(tmp_path: Path) -> None:
    async with ssh_server(tmp_path / "served") as server:
        desk = Desk(a_bench(tmp_path), server)
        await desk.run("list", {"from": "/", "keyExchangeAlgorithm": "curve25519-sha256@libssh.org"})
        assert "keyExchangeAlgorithm: " in await desk.why(
            "list", {"from": "/", "keyExchangeAlgorithm": "nonsense"}
        )


@pytest.mark.parametrize("name", list(TASKS["sftp"]))
async def test_the_example_runs(desk: Desk, name: str) -> None:
    desk.put("data/trips.csv")
    task = desk.tasks[name]
    port = "22" if desk.server.protocol == "sftp" else "21"
    written = example(task, hosts={"files.example.com": "127.0.0.1", f'"{port}"': f'"{desk.server.port}"'})
    variables = {"inputs": {"file": await desk.file(b"x")}}
    good(await desk.bench.run(task, {**written, **desk.server.more}, variables=variables))
