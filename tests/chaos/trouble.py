"""Kills, freezes and continues processes at random, sets their clocks wrong, and restarts Kafka and PostgreSQL once each. The seed
determines the choices, but their effects depend on the machine."""

from __future__ import annotations

import asyncio
import random
import time
from dataclasses import dataclass, field

from tests.chaos.haste import wrong_clock
from tests.support.system import System
from toccata.standalone.kafka import EmbeddedKafka
from toccata.standalone.postgres import EmbeddedPostgres

_WATCH_SECONDS = 0.2
_WEIGHTS = {"executor": 3, "executor-2": 3, "worker": 2, "worker-2": 2}
"""Trouble is more valuable in services with state."""


@dataclass
class Trouble:
    system: System
    kafka: EmbeddedKafka
    postgres: EmbeddedPostgres
    random: random.Random
    calm: float = 1.0
    """Troubles come so many times as rarely."""
    began: float = field(default_factory=time.monotonic)
    told: list[str] = field(default_factory=list)
    exits: dict[str, list[int]] = field(default_factory=dict)
    """Exit codes of services that ended by themselves. A supervisor restarts them."""
    _disturbed: set[str] = field(default_factory=set)

    async def make(self, seconds: float) -> None:
        """Make trouble for this long. Everything that it stopped runs again on return."""
        end = time.monotonic() + seconds
        keeper = asyncio.create_task(self._keep())
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._disturb(end))
                group.create_task(self._freeze_long(seconds * self.random.uniform(0.05, 0.25)))
                group.create_task(self._restart("Kafka", self.kafka, seconds * self.random.uniform(0.3, 0.5)))
                group.create_task(
                    self._restart("PostgreSQL", self.postgres, seconds * self.random.uniform(0.55, 0.8))
                )
        finally:
            keeper.cancel()

    async def _disturb(self, end: float) -> None:
        while time.monotonic() < end:
            await asyncio.sleep(self.calm * self.random.uniform(0.2, 1.5))
            names = sorted(self.system.replicas.keys() - self._disturbed)
            (name,) = self.random.choices(names, [_WEIGHTS.get(name, 1) for name in names])
            if self.random.random() < 0.5:
                await self._kill(name, self.random.uniform(0, 1))
            else:
                await self._freeze(name, self.random.uniform(0.3, 2.5))

    async def _freeze_long(self, after: float) -> None:
        """Freeze for longer than any lease and any session. A process that wakes up still believes that it owns its partitions."""
        await asyncio.sleep(after)
        names = {"executor", "worker", "executor-2", "worker-2"} - self._disturbed
        await self._freeze(self.random.choice(sorted(names)), 12)

    async def _kill(self, name: str, pause: float) -> None:
        self._disturbed.add(name)
        self._tell(f"kill {name}, start after {pause:.1f} s")
        self.system.kill(name)
        await self.system.replicas[name].wait()
        await asyncio.sleep(pause)
        self._set_clock(name)
        await self.system.start(name, wait=False)
        self._disturbed.discard(name)

    def _set_clock(self, name: str) -> None:
        """Choose by how much the clock of a service's next process is wrong."""
        seconds, variables = wrong_clock(self.random)
        self.system.replicas[name].extra = variables
        if seconds:
            self._tell(f"the clock of {name} is {seconds / 3600:+.0f} h wrong")

    async def _freeze(self, name: str, pause: float) -> None:
        self._disturbed.add(name)
        self._tell(f"freeze {name} for {pause:.1f} s")
        self.system.freeze(name)
        await asyncio.sleep(pause)
        self.system.resume(name)
        self._disturbed.discard(name)

    async def _restart(self, what: str, server: EmbeddedKafka | EmbeddedPostgres, after: float) -> None:
        await asyncio.sleep(after)
        self._tell(f"kill {what}")
        await server.kill()
        await server.start()
        self._tell(f"{what} is back")

    async def _keep(self) -> None:
        """Restart services, like standalone's supervisor."""
        while True:
            for name, replica in self.system.replicas.items():
                code = None if replica.process is None else replica.process.poll()
                if code is not None and name not in self._disturbed:
                    self._tell(f"{name} ended by itself with {code}")
                    self.exits.setdefault(name, []).append(code)
                    await self.system.start(name, wait=False)
            await asyncio.sleep(_WATCH_SECONDS)

    def _tell(self, what: str) -> None:
        self.told.append(f"{time.monotonic() - self.began:6.1f} s  {what}")
