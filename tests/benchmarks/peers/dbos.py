"""DBOS: a library in the application's process, over PostgreSQL. The load comes from the same process, as its users would start it."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from tests.benchmarks.load import Result
from tests.benchmarks.peers.peer import Peer
from tests.benchmarks.peers.scratch import PROGRAMS, Processes, Scratch
from toccata.standalone.postgres import EmbeddedPostgres


class Dbos:
    def __init__(
        self, program: subprocess.Popen[bytes], processes: Processes, postgres: EmbeddedPostgres
    ) -> None:
        self._program = program
        self._processes = processes
        self._postgres = postgres

    async def offer(self, per_minute: float, seconds: float) -> Result:
        said = await self.ask({"offer": [per_minute, seconds]})
        return Result(per_minute, said["latencies_ms"], 0, said["missing"], said["seconds"])

    async def sequence(self) -> float:
        return float(await self.ask({"sequence": True}))

    def cpu_seconds(self) -> float:
        pid = self._postgres.pid
        assert pid is not None
        return self._processes.cpu_seconds(pid)

    async def ask(self, order: Any) -> Any:
        """None only waits for the next answer."""
        return await asyncio.to_thread(self._ask, order)

    def _ask(self, order: Any) -> Any:
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        if order is not None:
            self._program.stdin.write(json.dumps(order).encode() + b"\n")
            self._program.stdin.flush()
        line = self._program.stdout.readline()
        assert line, "the program of DBOS has ended: its log says why"
        return json.loads(line)


@asynccontextmanager
async def running(scratch: Scratch, folder: Path) -> AsyncIterator[Peer]:
    postgres = EmbeddedPostgres(folder / "postgres")
    url = await postgres.start()
    processes = Processes(folder / "dbos.log")
    try:
        program = processes.start([scratch.python, PROGRAMS / "dbos_load.py", url], talks=True)
        peer = Dbos(program, processes, postgres)
        await peer.ask(None)
        yield peer
    finally:
        processes.stop()
        await postgres.stop()
