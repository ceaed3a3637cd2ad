"""Which replica owns which partitions: a consumer group on an empty topic, in its own thread.

It has its own thread and event loop, so that a slow decision does not cost the membership. Membership is static, so a
restarted replica gets its partitions back at once. The data path never uses this consumer.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener
from aiokafka.coordinator.assignors.sticky.sticky_assignor import StickyPartitionAssignor
from aiokafka.errors import KafkaError
from aiokafka.structs import TopicPartition

from toccata.runtime.log import get_logger
from toccata.runtime.settings import KafkaSettings

log = get_logger()
_SESSION_MS = 10_000
_RETRY_SECONDS = 1.0

Assigned = Callable[[str, frozenset[int] | None], None]
"""Called in the service's event loop with a processor's name and all partitions that it owns from now on. The set is empty if
other replicas own them all. None: this replica is not a member."""


class Membership:
    """One replica's membership in the groups of several processors."""

    def __init__(
        self, settings: KafkaSettings, processors: Iterable[str], instance: str, assigned: Assigned
    ) -> None:
        self._settings = settings
        self._processors = list(processors)
        self._instance = instance
        self._assigned = assigned
        self._service_loop = asyncio.get_running_loop()
        self._stopping = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._main: asyncio.Task[None] | None = None
        self._thread = threading.Thread(target=self._run, name="membership", daemon=True)

    def start(self) -> None:
        self._thread.start()

    async def stop(self) -> None:
        """End the groups' sessions. Static membership keeps the partitions ours until the session times out."""
        self._stopping.set()
        if self._loop is not None and self._main is not None:
            self._loop.call_soon_threadsafe(self._main.cancel)
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
            except (KafkaError, OSError, TimeoutError) as error:
                log.warning("membership_lost", processor=processor, reason=repr(error))
            self._tell(processor, None)
            await asyncio.sleep(_RETRY_SECONDS)

    async def _join(self, processor: str) -> None:
        topic = self._settings.topic_prefix + f"ownership.{processor}"
        consumer = AIOKafkaConsumer(
            **self._settings.client_options(),
            client_id=f"{self._instance}-{processor}",
            group_id=self._settings.topic_prefix + processor,
            group_instance_id=f"{self._instance}-{processor}",
            partition_assignment_strategy=(StickyPartitionAssignor,),
            session_timeout_ms=_SESSION_MS,
            heartbeat_interval_ms=2_000,
            enable_auto_commit=False,
            auto_offset_reset="latest",
            fetch_max_wait_ms=10_000,
            metadata_max_age_ms=60_000,
        )
        consumer.subscribe([topic], listener=_Listener(processor, self._tell))
        try:
            await consumer.start()
            while True:
                await consumer.getmany(timeout_ms=60_000)
        finally:
            with suppress(KafkaError, OSError, TimeoutError):
                await asyncio.wait_for(consumer.stop(), 3)

    def _tell(self, processor: str, partitions: frozenset[int] | None) -> None:
        if not self._service_loop.is_closed():
            self._service_loop.call_soon_threadsafe(self._assigned, processor, partitions)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no types
    def __init__(self, processor: str, tell: Assigned) -> None:
        self._processor = processor
        self._tell = tell

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Do nothing. The next owner fences us with an epoch record, so keep deciding until the new set arrives."""

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        self._tell(self._processor, frozenset(tp.partition for tp in assigned))
