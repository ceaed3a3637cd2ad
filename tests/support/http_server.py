"""A small HTTP server of our own, which records what it was sent and answers what a test wants, also what no good server would."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import parse_qsl, urlsplit

import orjson


@dataclass(frozen=True, slots=True)
class Got:
    """A request as it arrived."""

    method: str
    target: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.target).query, keep_blank_values=True)

    def json(self) -> object:
        return orjson.loads(self.body)


@dataclass(frozen=True, slots=True)
class Give:
    """An answer. ``raw`` goes out as it is, and then the connection is closed."""

    status: int = 200
    body: bytes | str | object = b""
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None

    def encoded(self) -> bytes:
        if self.raw is not None:
            return self.raw
        headers = dict(self.headers)
        if isinstance(self.body, bytes):
            body = self.body
        elif isinstance(self.body, str):
            body = self.body.encode()
        else:
            body = orjson.dumps(self.body)
            headers.setdefault("Content-Type", "application/json")
        headers.setdefault("Content-Length", str(len(body)))
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return f"HTTP/1.1 {self.status} Reason\r\n{head}\r\n".encode("latin-1") + body


Answering: TypeAlias = Callable[[Got], Give | Awaitable[Give]]


class HttpServer:
    def __init__(self, answer: Answering, scheme: str) -> None:
        self.answer = answer
        self.got: list[Got] = []
        self.connections = 0
        self.port = 0
        self._scheme = scheme

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while (got := await _read(reader)) is not None:
                self.got.append(got)
                given = self.answer(got)
                give = given if isinstance(given, Give) else await given
                writer.write(give.encoded())
                await writer.drain()
                if give.raw is not None:
                    break
        writer.close()


async def _read(reader: asyncio.StreamReader) -> Got | None:
    line = await reader.readline()
    if not line.strip():
        return None
    if line.count(b" ") < 2:
        return None  # not HTTP, such as the first bytes of TLS
    method, target, _ = line.decode("latin-1").split(" ", 2)
    headers: dict[str, str] = {}
    while (line := await reader.readline()).strip():
        name, _, value = line.decode("latin-1").partition(":")
        headers[name.strip().lower()] = value.strip()
    return Got(method, target, headers, await _body(reader, headers))


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    parts = []
    while size := int((await reader.readline()).strip(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)


@asynccontextmanager
async def http_server(answer: Answering, tls: ssl.SSLContext | None = None) -> AsyncIterator[HttpServer]:
    """Serve at a free port until the end of the block. An ``answer`` may be a coroutine function."""
    host = HttpServer(answer, "https" if tls else "http")
    server = await asyncio.start_server(host.serve, "127.0.0.1", 0, ssl=tls)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        server.close()


def always(give: Give) -> Answering:
    return lambda _: give
