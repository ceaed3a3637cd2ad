"""Toccata: one standalone, called by webhooks. The end is seen on the public topic."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from tests.benchmarks import flows
from tests.benchmarks.load import Ends, Result, ends_of, offer
from tests.benchmarks.measure import WEBHOOK
from tests.benchmarks.peers.peer import Peer
from tests.benchmarks.system import Standalone
from toccata.standalone.port import free_port


class Toccata:
    def __init__(self, system: Standalone, ends: Ends) -> None:
        self._system = system
        self._ends = ends

    async def offer(self, per_minute: float, seconds: float) -> Result:
        return await offer(self._system.url, WEBHOOK, self._ends, per_minute, seconds)

    async def sequence(self) -> float:
        began = time.perf_counter()
        execution = await asyncio.to_thread(self._system.execute, "logs40")
        seconds = time.perf_counter() - began
        assert execution["state"]["current"] == "SUCCESS", execution["state"]
        return seconds

    def cpu_seconds(self) -> float:
        return sum(self._system.cpu_seconds().values())


@asynccontextmanager
async def running(folder: Path, settings: Mapping[str, str]) -> AsyncIterator[Peer]:
    system = Standalone(folder / "home", free_port(), settings)
    await system.start()
    try:
        system.apply(flows.TWO_TASKS)
        system.apply(flows.sequence(40))
        ends = await ends_of(system.kafka)
        following = asyncio.ensure_future(ends.follow())
        yield Toccata(system, ends)
        following.cancel()
        await ends.reader.stop()
    finally:
        await system.stop()
