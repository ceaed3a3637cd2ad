"""Attacks on the protocol itself: requests that hide in others, headers that slip into answers, redirects to elsewhere, pages of
other origins that ask for permission."""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

import pytest

from services.web.core.door import SAFE
from tests.integration.test_security_routes import ROUTES, address
from tests.support.api import API, anonymous, signed_in
from tests.support.system import System
from toccata.runtime.fetch import Reader

pytestmark = [pytest.mark.processes, pytest.mark.servers]
_SECONDS = 60
HIDDEN = b"GET /api/v1/configs HTTP/1.1\r\nHost: localhost\r\n\r\n"
POST = b"POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


async def raw(system: System, sent: bytes) -> bytes:
    """Return what web answers until it ends the connection, or until it has nothing more to say to a closed one."""
    target = urlsplit(system.url)
    reader, writer = await asyncio.open_connection(target.hostname, target.port)
    try:
        async with asyncio.timeout(_SECONDS):
            writer.write(sent)
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


SMUGGLED = {
    "length and chunks": b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks and length": b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": b"Content-Length: 0\r\nContent-Length: 60\r\n\r\n" + HIDDEN,
    "a list of lengths": b"Content-Length: 0, 60\r\n\r\n" + HIDDEN,
    "signed length": b"Content-Length: +0\r\n\r\n" + HIDDEN,
    "space before the colon": b"Content-Length : 60\r\n\r\n" + HIDDEN,
    "unknown coding": b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "coding after chunks": b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a tab in the coding": b"Transfer-Encoding:\x0bchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "lone line feed": b"X: y\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "lone carriage return": b"X: y\rTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a folded header": b"X: y\r\n Transfer-Encoding: chunked\r\n\r\n" + HIDDEN,
    "a size that is none": b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n" + HIDDEN,
    "a size with a prefix": b"Transfer-Encoding: chunked\r\n\r\n0x0\r\n\r\n" + HIDDEN,
    "a zero in a name": b"X\x00Y: z\r\n\r\n" + HIDDEN,
    "a zero in a value": b"X: y\x00z\r\n\r\n" + HIDDEN,
}


@pytest.mark.parametrize("trick", SMUGGLED)
async def test_a_request_that_hides_in_another_is_not_answered(system: System, trick: str) -> None:
    answer = await raw(system, POST + SMUGGLED[trick])
    assert b"isBasicAuthInitialized" not in answer
    assert answer.startswith(b"HTTP/1.1 400"), answer[:300]
    async with anonymous(system) as client:
        assert (await client.get("/ping")).status_code == 200


@pytest.mark.parametrize(
    "line",
    [
        b"GET http://evil.example/api/v1/main/flows/search HTTP/1.1",
        b"GET //evil.example/ HTTP/1.1",
        b"CONNECT evil.example:443 HTTP/1.1",
        b"GET * HTTP/1.1",
        b"OPTIONS * HTTP/1.1",
        b"GET /\xff\xfe HTTP/1.1",
        b"GET /%ff%fe HTTP/1.1",
        b"GET /api/v1/main/flows/search HTTP/1.1\r\nHost: evil.example",
        b"GET / HTTP/9.9",
        b"PRI * HTTP/2.0",
        b"TRACE / HTTP/1.1",
        b"G\x00T / HTTP/1.1",
        b"GET /" + b"%2e" * 10_000 + b" HTTP/1.1",
        b"GET /?" + b"a&" * 20_000 + b" HTTP/1.1",
    ],
)
async def test_odd_request_lines_are_answered_without_a_bug(system: System, line: bytes) -> None:
    answer = await raw(system, line + b"\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert not answer.startswith(b"HTTP/1.1 5"), answer[:300]
    assert b"results" not in answer


INJECTED = "%0d%0aX-Injected:%20yes%0d%0a%0d%0abody"


@pytest.mark.parametrize(
    "path",
    [
        f"/ui/executions/{INJECTED}",
        f"/ui/flows/x?q={INJECTED}",
        f"/docs/{INJECTED}",
        f"/swagger?{INJECTED}",
        f"/api/v1/docs/{INJECTED}",
        f"{API}/flows/{INJECTED}/x",
        f"{API}/executions/x/file?path={INJECTED}",
        f"{API}/logs/{INJECTED}/download",
        f"{API}/executions/webhook/{INJECTED}/x/y",
    ],
)
async def test_no_line_of_a_path_becomes_a_header(system: System, path: str) -> None:
    async with anonymous(system) as client:
        for auth in (None, system.auth):
            answer = await client.get(path, auth=auth)
            assert "x-injected" not in answer.headers
            assert answer.status_code < 500 or answer.status_code == 503, answer.text


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example", "//evil.example/%2e%2e", "/ui//evil.example", "/ui/executions//evil.example", "/ui/flows/\\evil.example",
        "/ui/login/@evil.example", "/docs//evil.example", "/docs/\\evil.example", "/%09/evil.example", "/ui/executions/%2f%2fevil.example",
    ],
)  # fmt: skip
async def test_no_redirect_leads_to_another_host(system: System, path: str) -> None:
    head = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answer = (await raw(system, head.encode())).decode("latin1").lower()
    for line in answer.partition("\r\n\r\n")[0].splitlines():
        if line.startswith("location:"):
            target = line.partition(":")[2].strip()
            assert target.startswith("/"), target
            assert not target.startswith(("//", "/\\")), target


async def test_no_page_of_another_origin_gets_a_permission(system: System) -> None:
    asking = {
        "Origin": "http://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization",
        "Access-Control-Request-Private-Network": "true",
    }
    async with anonymous(system) as page:
        for method, path in ROUTES:
            for asked in {"OPTIONS", method}:
                async with page.stream(asked, address(path), headers=asking) as answer:
                    allowed = [name for name in answer.headers if name.startswith("access-control-")]
                    assert not allowed, (asked, path)


async def test_reading_has_no_effect(system: System) -> None:
    """No GET appends a command. Webhooks, which do, have no route of their own."""
    reader = Reader(system.kafka, "effects")
    topics = ("executions.starts", "executions.commands", "registry.commands", "triggers.commands")
    async with signed_in(system) as api:
        await api.save(SLEEPS)
        read = [path for method, path in ROUTES if method in SAFE]
        assert len(read) > 60
        try:
            partitions = [(topic, 0) for topic in topics[2:]]
            partitions += [(topic, p) for topic in topics[:2] for p in range(16)]
            await reader.assign(dict.fromkeys(partitions, "latest"))
            for path in read:
                known = path.replace("{namespace}", "protocol").replace("{flow_id}", "sleeps")
                async with api.client.stream("GET", address(known)) as answer:
                    assert answer.status_code < 500 or path.startswith("/ui"), (path, answer.status_code)
            # The first command after them is the first there is.
            await api.save(SLEEPS.replace("PT10M", "PT11M"))
            async with asyncio.timeout(_SECONDS):
                while not (batch := await reader.poll()):
                    pass
            seen = [(topic, len(records)) for (topic, _), records in batch.items()]
            assert seen == [("registry.commands", 1)]
        finally:
            await reader.stop()


SLEEPS = """\
id: sleeps
namespace: protocol
tasks:
  - {id: wait, type: io.kestra.plugin.core.flow.Sleep, duration: PT10M}
"""
