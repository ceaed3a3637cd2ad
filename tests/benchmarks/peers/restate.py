"""Restate: its server, and a Python service with its SDK under hypercorn. Calls go through its HTTP ingress."""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.benchmarks.load import Connections, Result, paced
from tests.benchmarks.peers.peer import Peer
from tests.benchmarks.peers.scratch import Processes, Scratch
from toccata.standalone.port import free_port

_CONNECTIONS = 512
"""Each carries one call until its end, so there must be more of them than calls at once."""


class Restate:
    def __init__(self, ingress: str, processes: Processes) -> None:
        self._ingress = ingress
        self._processes = processes

    async def offer(self, per_minute: float, seconds: float) -> Result:
        connections = Connections(self._ingress, _CONNECTIONS)
        await connections.open()
        latencies: list[float] = []
        refused = 0
        last = 0.0

        async def one(at: float) -> None:
            nonlocal refused, last
            status, _ = await connections.post("/two/run", b"1")
            last = time.perf_counter()
            if status == 200:
                latencies.append((last - at) * 1000)
            else:
                refused += 1

        begin = await paced(per_minute, seconds, one)
        await connections.close()
        return Result(per_minute, latencies, refused, 0, last - begin)

    async def sequence(self) -> float:
        connections = Connections(self._ingress, 1)
        await connections.open()
        began = time.perf_counter()
        status, body = await connections.post("/forty/run", b"1")
        seconds = time.perf_counter() - began
        await connections.close()
        assert status == 200, body
        return seconds

    def cpu_seconds(self) -> float:
        return self._processes.cpu_seconds()


@asynccontextmanager
async def running(scratch: Scratch, folder: Path) -> AsyncIterator[Peer]:
    service, node, ingress, admin = (free_port() for _ in range(4))
    processes = Processes(folder / "restate.log")
    processes.start(
        [scratch.python, "-m", "hypercorn", "--bind", f"127.0.0.1:{service}", "restate_service:app"]
    )
    settings = {
        "RESTATE_BASE_DIR": str(folder / "data"),
        "RESTATE_CLUSTER_NAME": "bench",
        "RESTATE_BIND_ADDRESS": f"127.0.0.1:{node}",
        "RESTATE_ADVERTISED_ADDRESS": f"http://127.0.0.1:{node}",
        "RESTATE_INGRESS__BIND_ADDRESS": f"127.0.0.1:{ingress}",
        "RESTATE_ADMIN__BIND_ADDRESS": f"127.0.0.1:{admin}",
    }
    processes.start([scratch.restate_server], environment=settings)
    try:
        await processes.until(lambda: _deployed(admin, service))
        yield Restate(f"http://127.0.0.1:{ingress}", processes)
    finally:
        processes.stop()


def _deployed(admin: int, service: int) -> bool:
    body = json.dumps({"uri": f"http://127.0.0.1:{service}"}).encode()
    request = urllib.request.Request(
        f"http://127.0.0.1:{admin}/deployments", body, {"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bool(answer.status in {200, 201})
    except (urllib.error.URLError, ConnectionError, TimeoutError):
        return False
