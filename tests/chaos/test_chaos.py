"""Executions are offered by event, webhook and API, while services are killed, frozen and continued with clocks that are wrong by
hours. Kafka and PostgreSQL are each killed and started once. Records expire after a minute. Everything acknowledged ends exactly
once, and nothing is lost.

``TOCCATA_CHAOS_EXECUTIONS`` (200) is the number of executions, and ``TOCCATA_CHAOS_SEED`` (random) chooses the trouble. A long
run also takes snapshots often, so that journals are cut. A machine that is busy otherwise needs fewer executions a second
(``TOCCATA_CHAOS_PER_SECOND``, 10) and rarer trouble (``TOCCATA_CHAOS_CALM``, 1: so many times as far apart).
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import secrets
import time
from collections import Counter
from pathlib import Path

import asyncpg
import pytest

from tests.chaos import evidence as ask
from tests.chaos.flows import NAMESPACE, VIAS, source
from tests.chaos.haste import let_records_expire, library
from tests.chaos.offering import Offers
from tests.chaos.trouble import Trouble
from tests.support.api import signed_in
from tests.support.life import Watch
from tests.support.system import System, running_system, within

COUNT = int(os.environ.get("TOCCATA_CHAOS_EXECUTIONS", "200"))
PER_SECOND = float(os.environ.get("TOCCATA_CHAOS_PER_SECOND", "10"))
CALM = float(os.environ.get("TOCCATA_CHAOS_CALM", "1"))
SETTLE_SECONDS = 60 + COUNT / PER_SECOND
KEEP_SECONDS = int(60 * CALM)
"""Longer than anything is away."""
_LONG = 1_000
_SNAPSHOTS = {"TOCCATA_PROCESSOR_SNAPSHOT_SECONDS": "10"}

pytestmark = [
    pytest.mark.processes,
    pytest.mark.slow,
    pytest.mark.timeout(240 + 3 * COUNT / PER_SECOND),
]


async def test_accepted_executions_end_exactly_once_under_any_kills(servers, tmp_path):
    logging.getLogger("aiokafka").setLevel(
        logging.CRITICAL
    )  # from our own clients, which do not expect the outage
    kafka, postgres = servers
    seed = int(os.environ.get("TOCCATA_CHAOS_SEED") or secrets.randbelow(2**31))
    print(f"TOCCATA_CHAOS_SEED={seed} TOCCATA_CHAOS_EXECUTIONS={COUNT} wrong clocks: {library() is not None}")
    marks = tmp_path / "marks"
    often = _SNAPSHOTS if COUNT >= _LONG else {}
    async with running_system(kafka.address, postgres.url, tmp_path / "system", often) as system:
        await let_records_expire(system.kafka, KEEP_SECONDS)
        for service in ("executor", "worker"):
            replica = system.add(service)
            await system.start(replica.name)
        async with signed_in(system) as api:
            for via in VIAS:
                await api.save(source(via, marks))
        trouble = Trouble(system, kafka, postgres, random.Random(seed), CALM)
        try:
            await _ride_out(system, trouble, marks)
        finally:
            print("\n".join(trouble.told))


async def _ride_out(system: System, trouble: Trouble, marks: Path) -> None:
    seconds = COUNT / PER_SECOND
    async with ask.seeing(system.kafka) as seen:
        offers = Offers(system, time.monotonic() + seconds + SETTLE_SECONDS)
        async with asyncio.TaskGroup() as group:
            group.create_task(offers.make(COUNT, seconds))
            group.create_task(trouble.make(seconds))
        print(f"{len(offers.accepted)} accepted, {offers.repeated} calls repeated")
        missing = Counter(VIAS[n % len(VIAS)] for n in range(COUNT) if n not in offers.accepted)
        assert not missing, f"not accepted: {missing}; {offers.last_refusal}\n{_logs(system)}"
        await system.start(*system.replicas, wait=False)
        await _all_ended(system, seen.watch, offers.accepted)
        await _judge(system, await ask.Evidence.gather(system.kafka, seen), offers.accepted, marks)
    # A worker waits only for a limited time while another inherits its folder. Then the supervisor starts it again.
    broken = {
        name: codes
        for name, codes in trouble.exits.items()
        if service_of(name) != "worker" or set(codes) != {70}
    }
    assert not broken, f"services ended by themselves: {broken}"
    async with signed_in(system) as api:
        await system.ready()
        again = await api.execute(NAMESPACE, "api", {"n": "1"}, wait=True)
        assert again["state"]["current"] == "SUCCESS"


async def _all_ended(system: System, watch: Watch, accepted: dict[int, str]) -> None:
    """Check that nothing is stuck."""

    def open_ones() -> list[str]:
        return [i for i in accepted.values() if not watch.life.has_ended(i)]

    def tell() -> str:
        stuck = open_ones()
        shown = "\n".join(f"{i}\n{watch.life.reads(i)}" for i in stuck[: ask.SHOWN])
        return f"{len(stuck)} of {len(accepted)} have not ended:\n{shown}\n{_logs(system)}"

    await watch.first(lambda: not open_ones() or None, SETTLE_SECONDS, tell)


def _logs(system: System) -> str:
    return "\n".join(f"--- {name}\n{replica.tail()}" for name, replica in system.replicas.items())


async def _judge(system: System, found: ask.Evidence, accepted: dict[int, str], marks: Path) -> None:
    ask.none(ask.wrong_ends(found.life, accepted))
    ask.none(ask.journal_differs(found))
    ask.none(ask.over_limit(found.life))
    ask.none(found.dead)
    ask.none(found.life.unreadable)
    durable = ask.submitted(found)
    assert found.ended_attempts <= durable
    marked = ask.marked_attempts(marks)
    assert marked <= durable
    assert len({run for run, _ in marked}) == len([n for n in accepted if n % 10 == 0])
    database = await asyncpg.connect(system.database_url)
    try:

        async def caught_up() -> bool:
            return not await ask.rows_behind(database, found.life)

        await within(SETTLE_SECONDS, caught_up)
        ask.none(await ask.rows_differ(database, found.life))
    finally:
        await database.close()


def service_of(name: str) -> str:
    return name.removesuffix("-2")
