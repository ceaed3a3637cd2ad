"""The routes of namespace files over the registry's own machine and a folder."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from services.web.http.answer import on_error
from services.web.http.namespace_files import router
from services.web.shell.namespace_files import NamespaceFiles
from tests.support.namespaces import Namespaces

FILES = "/api/v1/main/namespaces/company.team/files"
pytestmark = pytest.mark.anyio


@pytest.fixture
def client(tmp_path: Path) -> httpx.AsyncClient:
    stores = Namespaces(tmp_path)
    app = FastAPI(redirect_slashes=False, docs_url=None)
    app.include_router(router)
    app.add_exception_handler(Exception, on_error)
    app.state.parts = SimpleNamespace(namespace_files=NamespaceFiles(stores.files, stores.storage))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url="http://toccata")


async def put(client: httpx.AsyncClient, path: str, content: bytes = b"x", name: str = "f") -> httpx.Response:
    return await client.post(FILES, params={"path": path}, files={"fileContent": (name, content)})


async def names(client: httpx.AsyncClient, **params: Any) -> list[tuple[str, str]]:
    found = await client.get(f"{FILES}/directory", params=params)
    return [(each["fileName"], each["type"]) for each in found.json()]


async def test_a_file_is_stored_listed_and_read(client: httpx.AsyncClient) -> None:
    assert (await put(client, "/scripts/main.py", b"print()")).status_code == 200
    await put(client, "readme.md", b"hello")
    read = await client.get(FILES, params={"path": "scripts/main.py"})
    assert (read.content, read.headers["content-length"]) == (b"print()", "7")
    assert await names(client) == [("scripts", "Directory"), ("readme.md", "File")]
    assert await names(client, path="/scripts/") == [("main.py", "File")]
    stats = (await client.get(f"{FILES}/stats", params={"path": "/readme.md"})).json()
    assert (stats["size"], stats["type"], stats["metadata"]) == (5, "File", {})
    assert (await client.get(f"{FILES}/search", params={"q": "MAIN"})).json() == ["/scripts/main.py"]
    assert (await client.get(f"{FILES}/stats")).json()["type"] == "Directory"


async def test_revisions_stay_readable(client: httpx.AsyncClient) -> None:
    await put(client, "/a", b"one")
    await put(client, "/a", b"two")
    found = await client.get(f"{FILES}/revisions", params={"path": "/a"})
    assert found.json() == [{"revision": 1}, {"revision": 2}]
    assert (await client.get(FILES, params={"path": "/a", "revision": 1})).content == b"one"
    assert (await client.get(FILES, params={"path": "/a", "revision": 3})).status_code == 404


async def test_files_and_folders_move_and_go(client: httpx.AsyncClient) -> None:
    await put(client, "/old/a")
    await put(client, "/b")
    assert (await client.put(FILES, params={"from": "/old", "to": "/new"})).status_code == 200
    assert (await client.put(FILES, params={"from": "/new/a", "to": "/b"})).status_code == 409
    assert (await client.put(FILES, params={"from": "/none", "to": "/c"})).status_code == 404
    assert (await client.put(FILES, params={"from": "/b"})).status_code == 422
    assert await names(client, path="/new") == [("a", "File")]
    assert (await client.delete(FILES, params={"path": "/new"})).status_code == 200
    assert (await client.delete(FILES, params={"path": "/new"})).status_code == 404
    assert await names(client) == [("b", "File")]


async def test_folders_are_made(client: httpx.AsyncClient) -> None:
    assert (await client.post(f"{FILES}/directory", params={"path": "/empty"})).status_code == 200
    assert await names(client) == [("empty", "Directory")]
    assert await names(client, path="/empty") == []
    assert (await client.get(f"{FILES}/directory", params={"path": "/none"})).status_code == 404


@pytest.mark.parametrize("path", ["/../x", "a/../../b", "/a/./b", "/x\n", "/" + "a" * 256, "/_flows", "/"])
async def test_paths_that_are_none_are_refused(client: httpx.AsyncClient, path: str) -> None:
    assert (await put(client, path)).status_code == 422
    assert (await client.put(FILES, params={"from": path, "to": "/x"})).status_code == 422


async def test_names_of_any_language_are_kept(client: httpx.AsyncClient) -> None:
    await put(client, "/données/été #1?.csv", b"1")
    assert (await client.get(FILES, params={"path": "/données/été #1?.csv"})).content == b"1"


async def test_an_archive_is_unpacked_and_made(client: httpx.AsyncClient) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("lib/a.py", "a = 1")
        archive.writestr("b.txt", "b")
    assert (await put(client, "/in", packed.getvalue(), "files.zip")).status_code == 200
    assert (await client.get(f"{FILES}/search", params={"q": ""})).json() == ["/in/b.txt", "/in/lib/a.py"]
    exported = await client.get(f"{FILES}/export")
    with zipfile.ZipFile(io.BytesIO(exported.content)) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            "in/b.txt": b"b",
            "in/lib/a.py": b"a = 1",
        }


async def test_an_archive_that_leads_out_or_is_none_is_refused(client: httpx.AsyncClient) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("../../etc/x", "no")
    assert (await put(client, "/", packed.getvalue(), "x.zip")).status_code == 422
    assert (await put(client, "/", b"no archive", "x.ZIP")).status_code == 422


async def test_a_request_without_its_file_or_path_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.post(FILES, params={"path": "/a"}, files={"other": ("f", b"")})
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "Bad Request: Required Part [fileContent] not specified",
    )
    assert (await client.get(FILES)).status_code == 400
