"""Replicas that come and go, with and without names of their own, in a real consumer group."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import structlog
from aiokafka.admin import AIOKafkaAdminClient
from structlog.testing import LogCapture

from contracts.topics import TOPICS
from tests.support.topics import own_topics
from toccata.runtime.processor import membership
from toccata.runtime.processor.membership import Membership
from toccata.runtime.settings import KafkaSettings

pytestmark = pytest.mark.servers
PROCESSOR = "triggers"
OWNERSHIP = f"ownership.{PROCESSOR}"
ALL = frozenset(range(TOPICS[OWNERSHIP].partitions))
SECONDS = 60.0


class Replica:
    """What a replica was told that it owns."""

    def __init__(self, settings: KafkaSettings, name: str, *, static: bool) -> None:
        self.told: list[frozenset[int] | None] = []
        self._changed = asyncio.Event()
        self._member = Membership(settings, [PROCESSOR], name, self._assigned, static=static)
        self._member.start()

    @property
    def owned(self) -> frozenset[int] | None:
        return self.told[-1] if self.told else None

    def _assigned(self, _: str, owned: frozenset[int] | None) -> None:
        self.told.append(owned)
        self._changed.set()

    async def owns(self, *wanted: frozenset[int] | None) -> None:
        async with asyncio.timeout(SECONDS):
            while not self.told or self.owned not in wanted:
                self._changed.clear()
                await self._changed.wait()

    async def owns_a_part(self) -> None:
        async with asyncio.timeout(SECONDS):
            while not self.owned or self.owned == ALL:
                self._changed.clear()
                await self._changed.wait()

    async def stop(self) -> None:
        await self._member.stop()


@asynccontextmanager
async def replicas(settings: KafkaSettings, *names: str, static: bool) -> AsyncIterator[list[Replica]]:
    started: list[Replica] = []
    try:
        for name in names:
            started.append(Replica(settings, name, static=static))
        yield started
    finally:
        for replica in started:
            await replica.stop()


async def members(settings: KafkaSettings) -> int:
    admin = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    await admin.start()
    try:
        (response,) = await admin.describe_consumer_groups([settings.topic_prefix + PROCESSOR])
    finally:
        await admin.close()
    ((_, _, _, _, _, found, *_),) = response.groups
    return len(found)


@pytest.mark.parametrize("static", [False, True], ids=["unnamed", "named"])
async def test_a_rollout_leaves_no_partition_to_a_replica_that_is_gone(kafka: str, *, static: bool) -> None:
    settings = await own_topics(kafka, [OWNERSHIP])
    async with replicas(settings, "old-4711", static=static) as (old,):
        await old.owns(ALL)
        async with replicas(settings, "new-4712", static=static) as (new,):
            await asyncio.gather(old.owns_a_part(), new.owns_a_part())
            await old.stop()
            assert await members(settings) == 1, (
                "the old replica left, and did not wait for its session to end"
            )
            await new.owns(ALL)
        assert await members(settings) == 0


async def test_one_name_given_twice_makes_one_of_them_stand_by(
    kafka: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = LogCapture()
    monkeypatch.setattr(membership, "log", structlog.wrap_logger(None, processors=[said]))
    settings = await own_topics(kafka, [OWNERSHIP])
    async with replicas(settings, "same", static=True) as (first,):
        await first.owns(ALL)
        async with replicas(settings, "same", static=True) as (second,):
            await second.owns(ALL)
            await first.owns(None)
            assert second.told == [ALL]
        # The name is free again. While it was taken, nobody pushed the other one out.
        await first.owns(ALL)
        assert first.told == [ALL, None, ALL]
    assert any("give each replica its own" in line.get("hint", "") for line in said.entries)
