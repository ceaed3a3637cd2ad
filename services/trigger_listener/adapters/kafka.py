"""Reads events from Kafka, sends starts to Kafka, and follows the topic of flows."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress

from contracts.registry import FlowState
from contracts.scalars import Millis
from services.trigger_listener.ports import TopicPartition
from toccata.runtime.errors import Transient
from toccata.runtime.fetch import Fetched, Reader
from toccata.runtime.flow_table import FlowTable
from toccata.runtime.group_position import GroupPositions, Noted
from toccata.runtime.kafka import Producer, Record, settled
from toccata.runtime.settings import KafkaSettings

GROUP = "events"
_FLOWS = ("flows.state", 0)


class KafkaEvents:
    """Port EventLog. Its offsets are those of the group ``<prefix>events``, which has no members."""

    def __init__(self, settings: KafkaSettings, client_id: str) -> None:
        self._reader = Reader(settings, f"{client_id}-events")
        self._group = GroupPositions(settings, f"{client_id}-offsets", settings.topic_prefix + GROUP)

    async def partitions(self, topics: Collection[str]) -> dict[str, list[int]]:
        return await self._group.partitions(topics)

    async def starts(
        self, partitions: Collection[TopicPartition], since: Mapping[str, Millis]
    ) -> dict[TopicPartition, Noted]:
        committed = await self._group.noted(partitions)
        new = [key for key in partitions if key not in committed]
        if not new:
            return committed
        # Ask for the ends first, so that records which arrive meanwhile lie after them.
        ends = await self._reader.end_offsets(new)
        written = await self._reader.offsets_since({key: since[key[0]] for key in new})
        return committed | {key: Noted(written[key] if written[key] >= 0 else ends[key], "") for key in new}

    async def assign(self, positions: Mapping[TopicPartition, int]) -> None:
        await self._reader.assign(positions)

    async def poll(self) -> dict[TopicPartition, list[Fetched]]:
        return await self._reader.poll(500)

    async def commit(self, positions: Mapping[TopicPartition, Noted]) -> None:
        offsets = {place: offset for place, (offset, _) in positions.items()}
        await self._group.commit(offsets, {place: signs for place, (_, signs) in positions.items()})

    def lag(self) -> dict[str, int]:
        """Return by topic how many events are not read yet."""
        return self._reader.lag()

    async def stop(self) -> None:
        await self._reader.stop()
        await self._group.stop()


class KafkaOutlet:
    """Port Outlet."""

    def __init__(self, producer: Producer) -> None:
        self._producer = producer

    async def send(self, starts: Sequence[tuple[str, bytes]], dead: Sequence[bytes]) -> None:
        sent = {
            self._producer.post("executions.admitted", Record(execution_id.encode(), value))
            for execution_id, value in starts
        }
        sent |= {self._producer.post("dead", Record(b"events", value)) for value in dead}
        await settled(sent)


class TailedFlows:
    """Port ``FlowTable``, with the table that follows ``flows.state``."""

    def __init__(self, settings: KafkaSettings, client_id: str, table: FlowTable) -> None:
        self._table = table
        self._reader = Reader(settings, f"{client_id}-flows-end")
        self._changed = asyncio.Event()
        table.on_change(lambda _: self._changed.set())

    @property
    def position(self) -> int:
        return self._table.position

    def get(self, namespace: str, flow_id: str, revision: int | None = None) -> FlowState | None:
        return self._table.get(namespace, flow_id, revision)

    async def catch_up(self) -> None:
        end = (await self._reader.end_offsets([_FLOWS]))[_FLOWS]
        try:
            async with asyncio.timeout(10):
                while self._table.position + 1 < end:
                    self._changed.clear()
                    # The position also advances over compacted records, without a change.
                    with suppress(TimeoutError):
                        async with asyncio.timeout(0.05):
                            await self._changed.wait()
        except TimeoutError as error:
            raise Transient(f"flows are read only to offset {self._table.position} of {end}") from error

    async def stop(self) -> None:
        await self._reader.stop()
