"""A world that runs the shell itself: host, recovery, saver and lanes, on a log in memory and in virtual time.

Processes are killed, replaced while they still write, and stopped in order; a user keeps adding to counters. In the end every add
has counted exactly once, and no partition has stopped.
"""

from __future__ import annotations

import asyncio
import random as global_random
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from contracts import codec
from tests.simulation.memory import MemoryLog
from tests.simulation.requirement import require
from tests.simulation.shell_log import CALM, ShellLog, Weather
from tests.support.counter import SOURCES, Add, Added, CounterMachine
from toccata.runtime.metrics import MetricsPage
from toccata.runtime.processor.host import ProcessorHost
from toccata.runtime.processor.metrics import ProcessorMetrics
from toccata.runtime.processor.ports import Clock, Ports
from toccata.runtime.processor.spec import ProcessorSpec
from toccata.runtime.settings import ProcessorSettings

PARTITIONS = frozenset({0, 1})
START_AT = 1_750_000_000_000
ADDS = 300
SPEC = ProcessorSpec("triggers", SOURCES, lambda _: CounterMachine())
SETTINGS = ProcessorSettings(snapshot_records=25, snapshot_seconds=4)
_EVENTS: codec.Codec[Added] = codec.Codec(Added)


@dataclass
class Process:
    host: ProcessorHost
    task: asyncio.Task[None]

    async def kill(self) -> None:
        self.task.cancel()
        with suppress(asyncio.CancelledError):
            await self.task

    async def stop(self) -> None:
        await self.kill()
        await self.host.stop()


@dataclass
class ShellWorld:
    seed: int
    memory: MemoryLog = field(default_factory=lambda: MemoryLog(2))
    log: type[ShellLog] = ShellLog
    weather: Weather = field(default_factory=Weather)

    def __post_init__(self) -> None:
        self.random = Random(self.seed)
        self.added: Counter[str] = Counter()
        self.processes: list[Process] = []

    async def run(self) -> None:
        global_random.seed(self.seed)  # the shell's jitter and the numbers of processes
        self.begin()
        adding = asyncio.ensure_future(self.add())
        while not adding.done():
            await asyncio.sleep(self.random.random() * 4)
            await self.disturb()
        self.weather.away, self.weather.unknown, self.weather.torn = CALM.away, CALM.unknown, CALM.torn
        await self.restart()
        await asyncio.sleep(300)
        self.check()
        await self.restart()
        await asyncio.sleep(60)
        self.check()
        await self.processes.pop().stop()

    def begin(self) -> None:
        log = self.log(self.memory, self.random, self.weather)
        time = asyncio.get_running_loop().time
        clock = Clock(lambda: START_AT + int(time() * 1000), time)
        host = ProcessorHost(SPEC, Ports(log, log, clock), ProcessorMetrics(MetricsPage("sim")), SETTINGS)
        self.processes.append(Process(host, asyncio.ensure_future(host.run())))
        host.assign(PARTITIONS)

    async def add(self) -> None:
        for _ in range(ADDS):
            await asyncio.sleep(self.random.choice((0, 0, 0.01, 0.3)))
            name = self.random.choice("abcd")
            later = self.random.choice((0, 0, 0, 700))
            amount = sum(self.added.values()) + 1 if later else 1
            self.added[name] += 1
            add = Add(name=name, amount=amount, later_ms=later)
            self.memory.append("triggers.commands", name.encode(), codec.encode(add), "abcd".index(name) % 2)

    async def disturb(self) -> None:
        match self.random.randrange(4):
            case 0:
                await self.processes.pop(0).kill()
                self.begin()
            case 1:  # the former owner goes on for a while
                self.begin()
                await asyncio.sleep(self.random.random() * 3)
                await self.processes.pop(0).kill()
            case 2:
                await self.restart()
            case _:
                pass

    async def restart(self) -> None:
        await self.processes.pop(0).stop()
        self.begin()

    def check(self) -> None:
        for process in self.processes:
            require(not process.task.done(), "a process ended by itself")
            require(not process.host.stopped(), f"stopped: {process.host.stopped()}")
            require(process.host.ready, "not all partitions decide")
        seen: dict[tuple[str, int], Added] = {}
        for topic in ("triggers.events", "events"):
            events = [_EVENTS.decode(entry.value) for entry in self.memory.all(topic)]
            seen = {(event.name, event.total): event for event in events}
            for name, count in self.added.items():
                amounts = [event.amount for event in seen.values() if event.name == name]
                require(
                    len(amounts) == count, f"{topic}: {name} was added {count} times, {len(amounts)} counted"
                )
                top = max(event.total for event in seen.values() if event.name == name)
                require(top == sum(amounts), f"{topic}: {name} has total {top}, its adds are {sum(amounts)}")
