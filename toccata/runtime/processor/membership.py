"""Which replica owns which partitions: a consumer group on an empty topic, in its own thread.

It has its own thread and event loop, so that a slow decision does not cost the membership. A replica with a name of its own is a
static member, so that it gets its partitions back at once after a crash. The data path never uses this consumer.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from toccata.runtime.log import get_logger
from toccata.runtime.processor.static_member import leave, member_of, others_named
from toccata.runtime.settings import KafkaSettings

log = get_logger()
_SESSION_MS = 10_000
_RETRY_SECONDS = 1.0
_NAME_SECONDS = 3.0
"""How often a replica whose name another one has looks whether it is free again."""
_AWAY = (KafkaError, OSError, TimeoutError)

Assigned = Callable[[str, frozenset[int] | None], None]
"""Called in the service's event loop with a processor's name and all partitions that it owns from now on. The set is empty if
other replicas own them all. None: this replica is not a member."""


class _NameTaken(Exception):
    """Another process joined with our name."""


class Membership:
    """One replica's membership in the groups of several processors."""

    def __init__(
        self,
        settings: KafkaSettings,
        processors: Iterable[str],
        replica: str,
        assigned: Assigned,
        *,
        static: bool,
    ) -> None:
        """``static``: no other replica has this name, and a later one of this name is the same replica."""
        self._settings = settings
        self._processors = list(processors)
        self._replica = replica
        self._static = static
        self._assigned = assigned
        self._service_loop = asyncio.get_running_loop()
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="membership", daemon=True)

    def start(self) -> None:
        self._thread.start()

    async def stop(self) -> None:
        """Leave the groups, so that other replicas get the partitions at once."""
        self._stopping.set()
        if self._thread.is_alive() and self._loop is not None and self._main is not None:
            self._loop.call_soon_threadsafe(self._main.cancel)
        if self._thread.ident is not None:
            await asyncio.to_thread(self._thread.join, 5)

    def _run(self) -> None:
        with suppress(asyncio.CancelledError):
            asyncio.run(self._join_all())

    async def _join_all(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._main = asyncio.current_task()
        async with asyncio.TaskGroup() as group:
            for processor in self._processors:
                group.create_task(self._keep_joined(processor))

    async def _keep_joined(self, processor: str) -> None:
        while not self._stopping.is_set():
            try:
                await self._join(processor)
            except _NameTaken as taken:
                self._tell(processor, None)
                await self._stand_by(processor, str(taken))
                continue
            except _AWAY as error:
                log.warning("membership_lost", processor=processor, reason=repr(error))
            self._tell(processor, None)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _join(self, processor: str) -> None:
        group, instance = self._settings.topic_prefix + processor, self._instance(processor)
        consumer = AIOKafkaConsumer(
            **self._settings.client_options(),
            client_id=f"{self._replica}-{processor}",
            group_id=group,
            group_instance_id=instance if self._static else None,
            partition_assignment_strategy=(StickyPartitionAssignor,),
            session_timeout_ms=_SESSION_MS,
            heartbeat_interval_ms=2_000,
            enable_auto_commit=False,
            auto_offset_reset="latest",
            fetch_max_wait_ms=10_000,
            metadata_max_age_ms=60_000,
        )
        listener = _Listener(
            lambda owned: self._tell(processor, owned),
            lambda: member_of(consumer),
            (lambda member: self._others(processor, member)) if self._static else None,
        )
        consumer.subscribe([self._settings.topic_prefix + f"ownership.{processor}"], listener=listener)
        try:
            await _first(self._consume(consumer), listener.taken.wait())
            if listener.taken.is_set():
                raise _NameTaken(listener.host)
        finally:
            if self._static and self._stopping.is_set():
                with suppress(*_AWAY):
                    await asyncio.wait_for(leave(consumer, group, instance), 2)
            with suppress(*_AWAY):
                await asyncio.wait_for(consumer.stop(), 3)

    async def _consume(self, consumer: AIOKafkaConsumer) -> None:
        await consumer.start()
        while True:
            await consumer.getmany(timeout_ms=60_000)

    async def _stand_by(self, processor: str, host: str) -> None:
        """Wait until the name is free. Joining again would only push the other one out."""
        log.error(
            "instance_name_taken",
            processor=processor,
            instance=self._replica,
            host=host,
            hint="another process runs with this TOCCATA_INSTANCE; give each replica its own, or none",
        )
        while True:
            await asyncio.sleep(_NAME_SECONDS)
            with suppress(*_AWAY):
                if not await self._others(processor, ""):
                    log.info("instance_name_free", processor=processor, instance=self._replica)
                    return

    async def _others(self, processor: str, member: str) -> list[str]:
        group = self._settings.topic_prefix + processor
        return await others_named(self._settings, group, self._instance(processor), member)

    def _instance(self, processor: str) -> str:
        return f"{self._replica}-{processor}"

    def _tell(self, processor: str, partitions: frozenset[int] | None) -> None:
        if not self._service_loop.is_closed():
            self._service_loop.call_soon_threadsafe(self._assigned, processor, partitions)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no types
    def __init__(
        self,
        tell: Callable[[frozenset[int]], None],
        member: Callable[[], str],
        others: Callable[[str], Awaitable[list[str]]] | None,
    ) -> None:
        self._tell = tell
        self._member_now = member
        self._others = others
        self._member = ""
        self.taken = asyncio.Event()
        self.host = ""

    async def on_partitions_revoked(self, _revoked: Any) -> None:
        """The group is about to be joined (again). The next owner fences us with an epoch record, so we keep deciding meanwhile.

        If another process has our name by now, do not come back: that is for ``Membership`` to say."""
        if self._others is None or not self._member:
            return
        with suppress(*_AWAY):
            others = await self._others(self._member)
            if others:
                self.host = others[0]
                self.taken.set()
                await asyncio.Event().wait()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._member = self._member_now()
        self._tell(frozenset(tp.partition for tp in assigned))


async def _first(*works: Awaitable[Any]) -> None:
    """Wait until one of them ends, cancel the others, and raise what it raised."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
