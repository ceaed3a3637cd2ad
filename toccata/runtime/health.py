"""The health and metrics port: ``/health``, ``/health/live``, ``/health/ready``, ``/prometheus``.

A few lines over asyncio's streams: services other than web need no HTTP framework, and it must answer when one is stuck.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress

import orjson
from prometheus_client import CollectorRegistry, generate_latest

Checks = Mapping[str, Callable[[], bool]]


class HealthServer:
    """``checks`` say by name whether the service is ready; all must hold."""

    def __init__(
        self, host: str, port: int, checks: Checks, registry: CollectorRegistry | None = None
    ) -> None:
        self._host, self._wanted = host, port
        self._checks = checks
        self._registry = registry
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Gives the port."""
        self._server = await asyncio.start_server(self._answer, self._host, self._wanted)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(5):
                head = await reader.readuntil(b"\r\n\r\n")
                words = head.split(b" ", 2)
                status, kind, body = self._page(words[1].decode("latin1") if len(words) > 1 else "")
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                )
                writer.write(body)
                await writer.drain()
        writer.close()

    def _page(self, path: str) -> tuple[str, str, bytes]:
        path = path.split("?", maxsplit=1)[0]
        if path == "/health/live":
            return "200 OK", "application/json", b'{"status":"UP"}'
        if path in {"/health", "/health/ready"}:
            results = {name: check() for name, check in self._checks.items()}
            up = all(results.values())
            details = {name: {"status": "UP" if ok else "DOWN"} for name, ok in results.items()}
            body = orjson.dumps({"status": "UP" if up else "DOWN", "details": details})
            return ("200 OK" if up else "503 Service Unavailable"), "application/json", body
        if path in {"/prometheus", "/metrics"} and self._registry is not None:
            return "200 OK", "text/plain; version=0.0.4; charset=utf-8", generate_latest(self._registry)
        return "404 Not Found", "text/plain", b"not found\n"
