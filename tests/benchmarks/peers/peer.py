"""What every measured system can do, and what is measured of it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Protocol

from tests.benchmarks.load import HEADER, Result

WARM_PER_MINUTE = 3_000
MEASURED_SECONDS = 20.0
LADDER = (100, 300, 1_000, 4_000, 8_000, 12_000, 15_000, 20_000, 25_000, 30_000)
"""Rates a minute. A system climbs until p99 exceeds a second, or something is refused or missing."""
SUSTAINED_MS = 1_000.0
SEQUENCES = 15


class Peer(Protocol):
    async def offer(self, per_minute: float, seconds: float) -> Result:
        """Start executions of two steps, open-loop. Latency is until the client sees the end."""
        ...

    async def sequence(self) -> float:
        """Run one execution of 40 light steps. Return its seconds until the client sees the end."""
        ...

    def cpu_seconds(self) -> float:
        """Return what all processes of the system have used, its database and its worker included."""
        ...


Running = AbstractAsyncContextManager[Peer]


@dataclass(slots=True)
class Step:
    result: Result
    cpu_ms: float
    """CPU of one execution, all processes."""

    @property
    def sustained(self) -> bool:
        result = self.result
        return result.p99 <= SUSTAINED_MS and not result.refused and not result.missing


@dataclass(slots=True)
class Figures:
    steps: dict[int, Step] = field(default_factory=dict)
    sequence_seconds: list[float] = field(default_factory=list)

    @property
    def most(self) -> int:
        """The highest rate that was sustained; 0 if none was."""
        return max((rate for rate, step in self.steps.items() if step.sustained), default=0)


async def measured(peer: Peer, warm_seconds: float) -> Figures:
    await peer.offer(WARM_PER_MINUTE, warm_seconds)
    figures = Figures()
    for _ in range(SEQUENCES):
        figures.sequence_seconds.append(await peer.sequence())
    print(HEADER)
    for rate in LADDER:
        before = peer.cpu_seconds()
        result = await peer.offer(rate, MEASURED_SECONDS)
        spent = peer.cpu_seconds() - before
        step = Step(result, spent * 1000 / max(1, len(result.latencies_ms)))
        print(f"{result.row()}   CPU {step.cpu_ms:.1f} ms", flush=True)
        figures.steps[rate] = step
        if not step.sustained:
            break
    return figures
