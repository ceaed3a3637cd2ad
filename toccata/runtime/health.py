"""A service's health, and the port that shows it: ``/health``, ``/health/live``, ``/health/ready``, ``/prometheus``.

The port is a few lines over asyncio's streams. Services other than web need no HTTP framework, and the port must answer
even when a framework is stuck.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Protocol

import orjson

from toccata.runtime.clock import monotonic
from toccata.runtime.errors import Fatal, Transient
from toccata.runtime.log import get_logger
from toccata.runtime.metrics import PAGE_TYPE, MetricsPage

log = get_logger()
PROBE_SECONDS = 2.0
"""A server without an answer after this time counts as down."""
_FRESH_SECONDS = 0.5
"""How long an answer is reused, so that frequent questions do not burden the servers."""

Checks = Mapping[str, Callable[[], bool]]


class Probe(Protocol):
    """Asks a server that this service needs for an answer."""

    async def ask(self, seconds: float) -> None:
        """Return once the server has answered. Raise Transient if it does not answer in time."""
        ...

    async def stop(self) -> None: ...


class Health:
    """``checks`` are the service's own state. ``probes`` ask the servers that it needs, each at most once at a time."""

    def __init__(self, checks: Checks, probes: Mapping[str, Probe]) -> None:
        self._checks = checks
        self._probes = probes
        self._answers: dict[str, bool] = {}
        self._asked_at = float("-inf")
        self._asking: asyncio.Task[None] | None = None

    async def report(self) -> dict[str, bool]:
        """Return by name what is well. It takes little longer than ``PROBE_SECONDS``."""
        if monotonic() - self._asked_at > _FRESH_SECONDS:
            if self._asking is None:
                self._asking = asyncio.get_running_loop().create_task(self._ask())
            # Shielded, because other callers wait for the same answers.
            await asyncio.shield(self._asking)
        known = {name: check() for name, check in self._checks.items()}
        return {**known, **{name: known.get(name, True) and up for name, up in self._answers.items()}}

    async def stop(self) -> None:
        if self._asking is not None:
            await self._asking
        for probe in self._probes.values():
            await probe.stop()

    async def _ask(self) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                asked = {name: group.create_task(_answers(probe)) for name, probe in self._probes.items()}
            for name, answer in asked.items():
                up, reason = answer.result() == "", answer.result()
                if up is not self._answers.get(name, True):
                    log.warning("server_answers_again" if up else "server_silent", server=name, reason=reason)
                self._answers[name] = up
            self._asked_at = monotonic()
        finally:
            self._asking = None


async def _answers(probe: Probe) -> str:
    """Return why the server does not answer, or empty text if it does."""
    try:
        await probe.ask(PROBE_SECONDS)
    except Transient as silent:
        return str(silent)
    return ""


def health_page(report: Mapping[str, bool]) -> tuple[int, dict[str, object]]:
    """Return the status and the body of the answer."""
    up = all(report.values())
    details = {name: {"status": "UP" if ok else "DOWN"} for name, ok in report.items()}
    return (200 if up else 503), {"status": "UP" if up else "DOWN", "details": details}


class HealthServer:
    def __init__(self, host: str, port: int, health: Health, page: MetricsPage) -> None:
        self._host, self._wanted = host, port
        self._health = health
        self._metrics = page
        self._server: asyncio.Server | None = None

    async def start(self) -> int:
        """Start, and return the port. Raise Fatal if it cannot be had."""
        self._metrics.watch_loop()
        try:
            self._server = await asyncio.start_server(self._answer, self._host, self._wanted)
        except OSError as error:
            raise Fatal(
                f"the health pages cannot listen on port {self._wanted} of {self._host}: "
                f"{os.strerror(error.errno or 0)}. Set TOCCATA_HEALTH_PORT to a free port, or to 0 for any"
            ) from error
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self._metrics.close()
        await self._health.stop()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            async with asyncio.timeout(5):
                head = await reader.readuntil(b"\r\n\r\n")
                words = head.split(b" ", 2)
                status, kind, body = await self._page(words[1].decode("latin1") if len(words) > 1 else "")
                writer.write(
                    f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
                )
                writer.write(body)
                await writer.drain()
        writer.close()

    async def _page(self, path: str) -> tuple[str, str, bytes]:
        path = path.split("?", maxsplit=1)[0]
        if path == "/health/live":
            return "200 OK", "application/json", b'{"status":"UP"}'
        if path in {"/health", "/health/ready"}:
            status, body = health_page(await self._health.report())
            reason = "200 OK" if status == 200 else "503 Service Unavailable"
            return reason, "application/json", orjson.dumps(body)
        if path in {"/prometheus", "/metrics"}:
            return "200 OK", PAGE_TYPE, await self._metrics.render(await self._health.report())
        return "404 Not Found", "text/plain", b"not found\n"
