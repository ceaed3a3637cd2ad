"""What strangers can make web hold: connections that send half of something, and bodies that nobody wants."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from urllib.parse import urlsplit

import psutil
import pytest

from tests.support.api import API, anonymous
from tests.support.system import System

pytestmark = [pytest.mark.processes, pytest.mark.servers]
_SECONDS = 60
_FLAT_BYTES = 60_000_000
"""How much more memory web may have after an attack. Each attack below sends several times as much."""


def memory_of(system: System) -> int:
    """Return the resident memory of web, in bytes."""
    return int(psutil.Process(system.pid("web")).memory_info().rss)


async def _connect(system: System) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    address = urlsplit(system.url)
    return await asyncio.open_connection(address.hostname, address.port)


async def _send(writer: asyncio.StreamWriter, part: bytes, times: int) -> None:
    """Send until web does not want any more."""
    with suppress(ConnectionError, TimeoutError):
        async with asyncio.timeout(_SECONDS):
            for _ in range(times):
                writer.write(part)
                await writer.drain()


async def _still_answers(system: System) -> None:
    async with anonymous(system) as client:
        assert (await client.get(f"{API}/flows/search", auth=system.auth)).status_code == 200


async def test_900_half_requests_are_gone_after_the_deadline(system: System) -> None:
    halves = (
        b"",
        b"GET /ui/ HT",
        b"POST /api/v1/login HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9000\r\n\r\n{",
    )
    opened = await asyncio.gather(*(_connect(system) for _ in range(900)))
    try:
        for number, (_, writer) in enumerate(opened):
            writer.write(halves[number % len(halves)])
        await _still_answers(system)
        async with asyncio.timeout(_SECONDS):
            # Each reading ends when web ends its connection.
            await asyncio.gather(*(reader.read() for reader, _ in opened), return_exceptions=True)
    finally:
        for _, writer in opened:
            writer.close()
    await _still_answers(system)


JSON = b"content-type: application/json\r\n"
CHUNKED = JSON + b"transfer-encoding: chunked\r\n\r\n1\r\n{\r\n"
ATTACKS = {
    "one endless trailer": ("/api/v1/login", CHUNKED + b"0\r\nx: ", b"y" * 1_000_000),
    "many trailers": ("/api/v1/login", CHUNKED + b"0\r\n", b"x: y\r\n" * 100_000),
    "trailers of a webhook": (f"{API}/executions/webhook/a/b/c", CHUNKED + b"0\r\n", b"x: y\r\n" * 100_000),
    "a sign-in without end": ("/api/v1/login", CHUNKED, b"100000\r\n" + b"z" * 0x100000 + b"\r\n"),
    "a long sign-in": ("/api/v1/login", JSON + b"content-length: 240000000\r\n\r\n", b"z" * 1_000_000),
    "an import by nobody": (f"{API}/flows/import", b"content-length: 240000000\r\n\r\n", b"z" * 1_000_000),
    "a webhook that is not there": (f"{API}/executions/webhook/a/b/c", CHUNKED, b"100000\r\n" + b"z" * 0x100000 + b"\r\n"),
    "a page": ("/ui/", b"content-length: 240000000\r\n\r\n", b"z" * 1_000_000),
}  # fmt: skip


@pytest.mark.parametrize("attack", ATTACKS)
async def test_bodies_that_nobody_wants_cost_no_memory(system: System, attack: str) -> None:
    path, begin, part = ATTACKS[attack]
    before = memory_of(system)
    opened = await asyncio.gather(*(_connect(system) for _ in range(3)))
    for _, writer in opened:
        writer.write(f"POST {path} HTTP/1.1\r\nhost: localhost\r\n".encode() + begin)
    await asyncio.gather(*(_send(writer, part, 150) for _, writer in opened))
    assert memory_of(system) - before < _FLAT_BYTES
    for _, writer in opened:
        writer.close()
    await _still_answers(system)


@pytest.mark.parametrize("path", ["/api/v1/login", f"{API}/flows/import", f"{API}/flows"])
@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x"])
async def test_a_body_that_ends_early_leaves_no_trace_in_the_log(
    system: System, path: str, kind: str
) -> None:
    basic = "dGVzdHNAdG9jY2F0YS5leGFtcGxlOlN0cm9uZy1Fbm91Z2gtMQ=="
    log = system.replicas["web"].log_path
    before = log.stat().st_size
    _, writer = await _connect(system)
    head = (
        f"POST {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Basic {basic}\r\ncontent-type: {kind}\r\n"
    )
    writer.write(head.encode() + b"content-length: 500\r\n\r\n--x\r\n")
    await writer.drain()
    writer.close()
    # A later answer shows that web has seen the end of the connection before.
    for _ in range(5):
        await _still_answers(system)
    with log.open("rb") as lines:
        lines.seek(before)
        said = lines.read().decode()
    assert "request_failed" not in said
    assert "Traceback" not in said
