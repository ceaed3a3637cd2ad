"""A week in an hour: retentions, the time between snapshots and the ends of files are many times shorter, a schedule fires every second,
executions come steadily by event, webhook and API, and each minute one service is restarted. Nothing is lost, no slot is doubled,
and the disk does not fill.

``TOCCATA_WEEK_MINUTES`` (1.5) and ``TOCCATA_WEEK_TIMES`` (150) scale it. The disk is judged in runs that are longer than the
longest retention, because until then it must grow.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest

from contracts.execution import ExecutionCreated
from contracts.states import State
from contracts.topics import TOPICS
from tests.chaos import evidence as ask
from tests.chaos.flows import NAMESPACE, VIAS, source
from tests.chaos.haste import hurry
from tests.chaos.offering import Offers
from tests.support.api import signed_in
from tests.support.life import Life
from tests.support.system import System, running_system

SECONDS = float(os.environ.get("TOCCATA_WEEK_MINUTES", "1.5")) * 60
TIMES = int(os.environ.get("TOCCATA_WEEK_TIMES", "150"))
PER_SECOND = 2
SETTLE_SECONDS = 90.0
MOST_GROWTH = 1.25
_RESTART_SECONDS = min(60.0, SECONDS / 6)
_LOOK_SECONDS = 5.0
_SLOT_MS = 1_000
_TICK = f"""\
id: tick
namespace: {NAMESPACE}
tasks:
  - id: say
    type: io.kestra.plugin.core.log.Log
    message: "{{{{ trigger.date }}}}"
triggers:
  - id: every_second
    type: io.kestra.plugin.core.trigger.Schedule
    cron: "* * * * * *"
    withSeconds: true
"""

pytestmark = [pytest.mark.processes, pytest.mark.slow, pytest.mark.timeout(300 + 2 * SECONDS)]


async def test_a_week_in_an_hour_loses_nothing_and_the_disk_stays_flat(servers, tmp_path):
    kafka, postgres = servers
    home, marks = tmp_path / "system", tmp_path / "marks"
    often = {"TOCCATA_PROCESSOR_SNAPSHOT_SECONDS": str(60 / TIMES)}
    async with running_system(kafka.address, postgres.url, home, often) as system:
        await hurry(system.kafka, TIMES)
        async with signed_in(system) as api:
            for via in VIAS:
                await api.save(source(via, marks))
            await api.save(_TICK)
        disk = Disk(tmp_path / "kafka" / "log")
        async with ask.seeing(system.kafka) as seen:
            offers = await _live(system, disk)
            life = seen.watch.life
            await seen.watch.first(
                lambda: all(life.has_ended(i) for i in offers.accepted.values()) or None,
                SETTLE_SECONDS,
                lambda: f"{sum(not life.has_ended(i) for i in offers.accepted.values())} have not ended",
            )
            print(f"{len(offers.accepted)} offered, {len(life.of_flow('tick'))} slots")
            disk.tell()
            ask.none(ask.wrong_ends(without(life, "tick"), offers.accepted))
            ask.none(_slots_lost_or_doubled(life))
            ask.none([record.value.decode() for record in seen.dead])
    if _longest_retention_ms() < SECONDS * 1000 * TIMES / 2:
        assert disk.growth() <= MOST_GROWTH, disk.sizes


async def _live(system: System, disk: Disk) -> Offers:
    offers = Offers(system, time.monotonic() + SECONDS + SETTLE_SECONDS)
    trouble = asyncio.gather(_restart_in_turn(system), disk.watch())
    try:
        await offers.make(int(SECONDS * PER_SECOND), SECONDS)
    finally:
        trouble.cancel()
        await asyncio.gather(trouble, return_exceptions=True)
    await system.start(*system.replicas)
    return offers


async def _restart_in_turn(system: System) -> None:
    """Every second time it is a kill."""
    names = itertools.cycle(list(system.replicas))
    for kill in itertools.cycle((False, True)):
        await asyncio.sleep(_RESTART_SECONDS)
        await system.restart(next(names), kill=kill)


def without(life: Life, flow_id: str) -> Life:
    """Return what happened to executions of other flows."""
    kept = {i: seen for i, seen in life.executions.items() if life.flow_of(i) != flow_id}
    return Life(kept, {i: life.events[i] for i in kept})


def _slots_lost_or_doubled(life: Life) -> list[str]:
    ticks = life.of_flow("tick")
    pairs = list(itertools.pairwise(sorted(_slot(life, seen.id) for seen in ticks)))
    failed = [
        f"{seen.id} is {seen.state}"
        for seen in ticks
        if life.has_ended(seen.id) and seen.state != State.SUCCESS
    ]
    doubled = [f"{a} was run twice" for a, b in pairs if a == b]
    return failed + doubled + [f"nothing ran between {a} and {b}" for a, b in pairs if b - a > _SLOT_MS]


def _slot(life: Life, execution_id: str) -> int:
    created = life.events[execution_id][0]
    assert isinstance(created, ExecutionCreated)
    assert created.trigger is not None
    return round(datetime.fromisoformat(str(created.trigger.variables["date"])).timestamp() * 1000)


def _longest_retention_ms() -> int:
    """Of topics to which something was written."""
    return max(topic.retention_ms or 0 for topic in TOPICS.values() if topic.name != "dead")


@dataclass
class Disk:
    """What the broker's logs take."""

    folder: Path
    sizes: list[int] = field(default_factory=list)

    async def watch(self) -> None:
        while True:
            self.sizes.append(await asyncio.to_thread(self._size))
            await asyncio.sleep(_LOOK_SECONDS)

    def growth(self) -> float:
        """Return the size of the last quarter, as a part of that of the one before it."""
        quarter = len(self.sizes) // 4
        return sum(self.sizes[-quarter:]) / sum(self.sizes[-2 * quarter : -quarter])

    def tell(self) -> None:
        step = max(1, len(self.sizes) // 12)
        print("MB of Kafka's logs:", [round(size / 1e6) for size in self.sizes[::step]])

    def _size(self) -> int:
        return sum(file.stat().st_blocks * 512 for file in self.folder.glob("*/*") if file.exists())
