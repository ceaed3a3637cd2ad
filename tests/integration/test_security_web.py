"""Attacks on web: requests without a sign-in, endless bodies and headers, values that cannot be read back."""

from __future__ import annotations

import asyncio
import base64
import io
import re
import zipfile
from urllib.parse import urlsplit

import httpx
import pytest

from services.web.http.connection import MAX_HEAD_BYTES
from tests.support.api import API, signed_in
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers]

FLOW = """\
id: guarded
namespace: security
inputs:
  - {id: name, type: STRING, defaults: world}
tasks:
  - {id: make, type: io.kestra.plugin.core.debug.Return, format: "Hello, {{ inputs.name }}!"}
triggers:
  - {id: hook, type: io.kestra.plugin.core.trigger.Webhook, key: "a-very-secret-key"}
"""
OPEN = re.compile(r"^(/|/ping|/ui.*|/health.*|/api/v1/(main/)?configs.*|/api/v1/login)$|/webhook/")
WRONG: tuple[dict[bytes, bytes], ...] = (
    {},
    {b"authorization": b"Basic"},
    {b"authorization": b"Basic Og=="},
    {b"authorization": b"Basic \xff"},
    {b"authorization": b"Bearer x"},
    {b"authorization": b"Basic " + base64.b64encode(b"tests@toccata.example:strong-enough-1")},
    {b"cookie": b'toccata_session=""'},
    {b"cookie": b"BASIC_AUTH=" + base64.b64encode(b"tests@toccata.example:Strong-Enough-1")},
    {b"x-forwarded-user": b"admin", b"x-http-method-override": b"GET", b"x-original-url": b"/ping"},
)


def disguises(path: str) -> set[str]:
    """Return spellings of the path that a careless router might treat as the same resource."""
    return {
        path,
        path.replace("/api/v1/main/", "/api/v1/"),
        path.replace("/main/", "/%6dain/"),
        path.replace("/main/", "/MAIN/"),
        path.replace("/api/", "//api/"),
        path.replace("/api/v1/", "/ui/../api/v1/"),
        path.replace("/api/v1/", "/health/%2e%2e/api/v1/"),
        path.replace("/api/v1/main/executions/", "/api/v1/main/executions/webhook/../"),
        path + "/",
        path + ";x",
        path + "%00",
    }


async def test_no_resource_answers_without_credentials(system: System) -> None:
    async with system.client() as client:
        paths = (await client.get("/api/v1/openapi.json")).json()["paths"]
    assert len(paths) > 40
    guarded = [
        (method, disguise)
        for path, methods in paths.items()
        if not OPEN.search(path)
        for method in methods
        for disguise in disguises(re.sub(r"\{[^}]+\}", "x", path))
    ]
    async with httpx.AsyncClient(base_url=system.url, timeout=30) as stranger:
        for method, path in guarded:
            for headers in WRONG if path.count("x") % 3 == 0 else WRONG[:2]:
                answer = await stranger.request(method.upper(), path, headers=headers)
                page_of_the_interface = answer.headers.get("content-type", "").startswith("text/html")
                refused = answer.status_code in (401, 404, 405, 429) or answer.is_redirect
                assert refused or page_of_the_interface, (answer.status_code, method, path, headers)


async def test_a_cookie_alone_changes_nothing(system: System) -> None:
    async with httpx.AsyncClient(base_url=system.url) as page:
        pair = dict(zip(("username", "password"), system.auth, strict=True))
        assert (await page.post("/api/v1/login", json=pair)).status_code == 200
        assert (await page.get(f"{API}/flows/search")).status_code == 200
        forged = await page.post(f"{API}/flows", content=FLOW, headers={"content-type": "application/x-yaml"})
        assert forged.status_code == 403


@pytest.mark.parametrize(
    "endless", [b"x: " + b"a" * 50_000, b"x: y\r\n" * 10_000], ids=["one header", "many headers"]
)
async def test_a_head_without_end_is_cut_off(system: System, endless: bytes) -> None:
    address = urlsplit(system.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n")
    sent = 0
    try:
        async with asyncio.timeout(20):
            while sent < 500 * MAX_HEAD_BYTES and not reader.at_eof():
                writer.write(endless)
                sent += len(endless)
                await writer.drain()
            answer = await reader.read(100)
        assert answer.startswith(b"HTTP/1.1 431")
    except ConnectionError:
        pass  # the server cut us off while we sent
    finally:
        writer.close()
    assert sent < 500 * MAX_HEAD_BYTES
    async with system.client() as client:
        assert (await client.get(f"{API}/flows/search")).status_code == 200


async def test_unreadable_records_are_refused_before_they_are_acknowledged(system: System) -> None:
    async with signed_in(system) as api:
        await api.save(FLOW)
        deep = b"[" * 300 + b"]" * 300
        hook = await api.client.post(
            f"{API}/executions/webhook/security/guarded/a-very-secret-key",
            content=deep,
            headers={"content-type": "application/json"},
        )
        assert hook.status_code == 422, hook.text
        late = await api.client.post(
            f"{API}/executions/security/guarded", params={"scheduleDate": "9999-12-31T23:59:59-12:00"}
        )
        assert late.status_code == 422, late.text
        page = await api.execute("security", "guarded", {"name": "a\x00b"}, wait=True)
        assert page["state"]["current"] == "SUCCESS"


async def test_archives_are_bounded_and_leave_no_file_behind(system: System) -> None:
    def archive(members: dict[str, bytes]) -> bytes:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
            for name, content in members.items():
                file.writestr(name, content)
        return buffer.getvalue()

    async with signed_in(system) as api:

        async def upload(content: bytes) -> httpx.Response:
            return await api.client.post(f"{API}/flows/import", files={"fileUpload": ("a.zip", content)})

        assert (await upload(archive({f"{n}.yaml": b"" for n in range(20_001)}))).status_code == 400
        assert (await upload(b"PK\x03\x04" + bytes(100))).status_code == 422
        torn = bytearray(archive({"a.yaml": FLOW.encode() * 50}))
        torn[45:60] = bytes(15)
        assert (await upload(bytes(torn))).status_code == 422
        escaping = await upload(archive({"../../escaped.yaml": FLOW.encode()}))
        assert escaping.status_code == 200
        assert not list(system.home.parent.rglob("escaped.yaml"))


async def test_json_of_any_depth_is_answered(system: System) -> None:
    deep = b'{"id": "d", "namespace": "security", "x": ' + b"[" * 900 + b"]" * 900 + b"}"
    async with signed_in(system) as api:
        for path in (f"{API}/flows", f"{API}/flows/validate", f"{API}/executions/latest"):
            answer = await api.client.post(path, content=deep, headers={"content-type": "application/json"})
            assert answer.status_code < 500, (path, answer.text[:300])
