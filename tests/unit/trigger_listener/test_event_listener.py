"""The event listener on a log and an outlet in memory: what it does when it is told to stop."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from contracts.registry import FlowState
from services.trigger_listener.core.incoming import EventRecord
from services.trigger_listener.metrics import ListenerMetrics
from services.trigger_listener.ports import TopicPartition
from services.trigger_listener.shell import EventListener
from toccata.runtime.fetch import Fetched
from toccata.runtime.group_position import Noted
from toccata.runtime.metrics import MetricsPage
from toccata.runtime.suspicion import Suspicion

PLACE = ("events", 0)


class OneEvent:
    """A log with one record, which nobody can read as an event."""

    def __init__(self) -> None:
        self.committed: dict[TopicPartition, Noted] = {}
        self._unread: list[EventRecord] = [Fetched(*PLACE, 0, 1, b"k", b"garbage", [])]

    async def partitions(self, topics: Collection[str]) -> dict[str, list[int]]:
        return {"events": [0]}

    async def starts(
        self, partitions: Collection[TopicPartition], since: Mapping[str, int]
    ) -> dict[TopicPartition, Noted]:
        return {PLACE: Noted(0, "")}

    async def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        return

    async def poll(self) -> Mapping[TopicPartition, Sequence[EventRecord]]:
        if not self._unread:
            await asyncio.Event().wait()
        unread, self._unread = self._unread, []
        return {PLACE: unread}

    async def commit(self, positions: Mapping[TopicPartition, Noted]) -> None:
        self.committed.update(positions)


class SlowOutlet:
    """Its broker has the records at once, but the acknowledgement takes its time."""

    def __init__(self) -> None:
        self.arrived = asyncio.Event()
        self.acknowledge = asyncio.Event()

    async def send(self, starts: Sequence[tuple[str, bytes]], dead: Sequence[bytes]) -> None:
        self.arrived.set()
        await self.acknowledge.wait()


class NoFlows:
    position = 0

    def get(self, namespace: str, flow_id: str, revision: int | None = None) -> FlowState | None:
        return None

    async def catch_up(self) -> None:
        return


async def test_a_stop_between_sending_and_acknowledgement_commits_what_was_sent() -> None:
    log, outlet = OneEvent(), SlowOutlet()
    listener = EventListener(log, outlet, NoFlows(), ListenerMetrics(MetricsPage("test")), lambda _: False)
    listener.assign(frozenset({0}))
    running = asyncio.ensure_future(listener.run())
    async with asyncio.timeout(30):
        await outlet.arrived.wait()
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        asyncio.get_running_loop().call_soon(outlet.acknowledge.set)
        await listener.stop()

    assert log.committed[PLACE].offset == 1
    assert Suspicion.of(log.committed[PLACE].note).owner is None, "a clean stop"
