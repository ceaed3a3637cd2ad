"""What a connection may cost: real sockets against uvicorn with web's connection, with short deadlines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from services.web.http.connection import MAX_HEADERS, MAX_PIPELINED, BoundedConnection, Bounds

pytestmark = [pytest.mark.anyio]
HEAD = b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n"
SHORT = Bounds(connections=20, head_seconds=0.3, body_seconds=0.3, reading_seconds=0.3)
PATIENT = Bounds(connections=20, head_seconds=300, body_seconds=300, reading_seconds=300)
_SECONDS = 30


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the length of the body, ``/refuse`` without reading it, and ``/much`` with more than sockets hold."""
    length = 0
    while scope["path"] == "/":
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        length += len(message["body"])
        if not message["more_body"]:
            break
    status = 401 if scope["path"] == "/refuse" else 200
    body = b"x" * 50_000_000 if scope["path"] == "/much" else str(length).encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    for begin in range(0, len(body), 100_000):
        part = body[begin : begin + 100_000]
        await send({"type": "http.response.body", "body": part, "more_body": begin + 100_000 < len(body)})


@asynccontextmanager
async def serving(bounds: Bounds) -> AsyncIterator[tuple[int, uvicorn.Server]]:
    protocol: Any = partial(BoundedConnection, bounds=bounds)
    config = uvicorn.Config(
        echo, port=0, http=protocol, ws="none", lifespan="off", log_config=None, server_header=False
    )
    server = uvicorn.Server(config)
    task = asyncio.ensure_future(server._serve())
    async with asyncio.timeout(_SECONDS):
        while not server.started:  # noqa: ASYNC110 - uvicorn has no signal for it
            await asyncio.sleep(0.01)
    yield server.servers[0].sockets[0].getsockname()[1], server
    server.should_exit = True
    await task


async def talk(port: int, sent: bytes, *, more: Callable[[], bytes] | None = None) -> bytes:
    """Return everything that is answered until the server ends the connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        async with asyncio.timeout(_SECONDS):
            writer.write(sent)
            if more is not None:
                dripping = asyncio.ensure_future(_drip(writer, more))
                try:
                    return await reader.read()
                finally:
                    dripping.cancel()
            return await reader.read()
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def _drip(writer: asyncio.StreamWriter, more: Callable[[], bytes]) -> None:
    while True:
        writer.write(more())
        await asyncio.sleep(0.02)


@pytest.mark.parametrize("head", [b"", b"GET / HT", HEAD[:-2], HEAD + b"GET /"])
async def test_a_head_that_never_ends_is_late(head: bytes) -> None:
    async with serving(SHORT) as (port, _):
        assert b"HTTP/1.1 408" in await talk(port, head)


async def test_a_head_that_comes_byte_by_byte_is_late_all_the_same() -> None:
    async with serving(SHORT) as (port, _):
        assert b" 408 " in await talk(port, b"GET / HTTP/1.1\r\nx: ", more=lambda: b"y")


@pytest.mark.parametrize(
    "body",
    [b"content-length: 1000\r\n\r\nabc", b"transfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"],
    ids=["length", "chunked"],
)
async def test_a_body_that_stops_is_late(body: bytes) -> None:
    async with serving(SHORT) as (port, _):
        assert b" 408 " in await talk(port, b"POST / HTTP/1.1\r\nhost: localhost\r\n" + body)


async def test_a_body_that_drips_is_late() -> None:
    async with serving(SHORT) as (port, _):
        head = b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000\r\n\r\n"
        assert b" 408 " in await talk(port, head, more=lambda: b"z")


async def test_a_body_that_makes_progress_may_take_longer_than_a_span() -> None:
    size = 60 * 500
    async with serving(SHORT) as (port, _):
        head = f"POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-length: {size}\r\n\r\n"
        parts = iter([b"z" * 500] * 60)
        answer = await talk(port, head.encode(), more=lambda: next(parts, b""))
        assert answer.endswith(str(size).encode())


@pytest.mark.parametrize(
    "rest",
    [
        b"0\r\nx: y\r\n\r\n",
        b"0\r\nauthorization: Basic eDp5\r\n\r\n",
        b"0\r\nx: " + b"y" * 1_000_000,
        b"0\r\n" + b"x: y\r\n" * 100_000,
        b"1;" + b"e" * 1_000_000,
        b"0" * 1_000_000,
    ],
    ids=["trailer", "credentials", "long trailer", "many trailers", "extension", "zeros"],
)
async def test_trailers_and_framing_without_end_are_refused(rest: bytes) -> None:
    async with serving(PATIENT) as (port, _):
        head = b"POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n"
        answer = await talk(port, head + rest)
        assert answer.startswith(b"HTTP/1.1 400")
        assert answer.count(b"HTTP/1.1") == 1


async def test_chunks_of_one_byte_are_taken() -> None:
    async with serving(PATIENT) as (port, _):
        head = (
            b"POST / HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ntransfer-encoding: chunked\r\n\r\n"
        )
        assert (await talk(port, head + b"1\r\nx\r\n" * 30_000 + b"0\r\n\r\n")).endswith(b"30000")


@pytest.mark.parametrize(
    "head",
    [b"x: " + b"y" * 200_000 + b"\r\n\r\n", b"a:b\r\n" * (MAX_HEADERS + 1) + b"\r\n"],
    ids=["long", "many"],
)
async def test_a_head_that_is_too_large_is_refused_even_if_it_comes_at_once(head: bytes) -> None:
    async with serving(PATIENT) as (port, _):
        assert b" 431 " in await talk(port, b"GET / HTTP/1.1\r\nhost: localhost\r\n" + head)


async def test_requests_that_wait_behind_another_are_few() -> None:
    async with serving(PATIENT) as (port, _):
        few = HEAD * MAX_PIPELINED + HEAD.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n")
        assert (await talk(port, few)).count(b"HTTP/1.1 200") == MAX_PIPELINED + 1
        assert (await talk(port, HEAD * 2000)).count(b"HTTP/1.1 200") <= MAX_PIPELINED + 1


async def test_the_rest_of_a_refused_body_is_dropped_and_the_answer_arrives() -> None:
    async with serving(PATIENT) as (port, _):
        head = b"POST /refuse HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100000000\r\n\r\n"
        answer = await talk(port, head + b"x" * 300_000)
        assert answer.startswith(b"HTTP/1.1 401")
        assert b" 408 " not in answer
        assert answer.lower().count(b"connection: close\r\n") == 1


async def test_only_an_answer_before_the_end_of_the_body_ends_the_connection() -> None:
    async with serving(PATIENT) as (port, _):
        whole = b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 300000\r\n\r\n" + b"x" * 300_000
        answer = await talk(port, whole + HEAD.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))
        assert answer.count(b"HTTP/1.1 200") == 2
        assert answer.lower().count(b"connection: close\r\n") == 1


async def test_a_full_server_ends_the_idle_and_refuses_when_all_are_busy() -> None:
    async with serving(PATIENT) as (port, server):
        idle = [await asyncio.open_connection("127.0.0.1", port) for _ in range(40)]
        assert b" 200 " in await talk(port, HEAD.replace(b"\r\n\r\n", b"\r\nconnection: close\r\n\r\n"))
        ended = [asyncio.ensure_future(reader.read()) for reader, _ in idle]
        async with asyncio.timeout(_SECONDS):
            while sum(each.done() for each in ended) < 20:  # noqa: ASYNC110 - any twenty of them
                await asyncio.sleep(0.01)
        assert len(server.server_state.connections) <= PATIENT.connections
        for _, writer in idle:
            writer.close()
        busy = [await asyncio.open_connection("127.0.0.1", port) for _ in range(20)]
        for _, writer in busy:
            writer.write(b"POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n")
        async with asyncio.timeout(_SECONDS):
            while len(server.server_state.tasks) < 20:  # noqa: ASYNC110 - uvicorn has no signal for it
                await asyncio.sleep(0.01)
        assert (await talk(port, b"")).startswith(b"HTTP/1.1 503")
        for _, writer in busy:
            writer.close()


async def test_who_does_not_read_the_answer_is_cut_off() -> None:
    async with serving(SHORT) as (port, server):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1000)
        writer.write(b"GET /much HTTP/1.1\r\nhost: localhost\r\n\r\n")
        async with asyncio.timeout(_SECONDS):
            await reader.readuntil(b"\r\n\r\n")
            while server.server_state.connections:  # noqa: ASYNC110 - uvicorn has no signal for it
                await asyncio.sleep(0.01)
        writer.close()


async def test_empty_lines_between_requests_keep_nothing_open() -> None:
    async with serving(PATIENT) as (port, _):
        answer = await talk(port, HEAD, more=lambda: b"\r\n" * 5000)
        assert answer.startswith(b"HTTP/1.1 200")
