"""Puts the indexer together from its settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.indexer.adapters.kafka import KafkaDeadLetters
from services.indexer.adapters.postgres import open_projection
from services.indexer.metrics import Metrics
from services.indexer.ports import Projection
from services.indexer.settings import GROUP, IndexerSettings
from services.indexer.shell import Indexer, Ports
from toccata.runtime.clock import now_ms
from toccata.runtime.fetch import Reader
from toccata.runtime.group_offset import GroupOffsets
from toccata.runtime.health import HealthServer
from toccata.runtime.kafka import Producer
from toccata.runtime.log import get_logger

log = get_logger()


@asynccontextmanager
async def composed(settings: IndexerSettings) -> AsyncIterator[tuple[Indexer, Metrics]]:
    """An indexer that is not running yet; its connections are closed at the end."""
    metrics = Metrics()
    producer = Producer(settings.kafka, "toccata-indexer")
    events, ends = Reader(settings.kafka, "toccata-indexer"), Reader(settings.kafka, "toccata-indexer-ends")
    progress = GroupOffsets(settings.kafka, "toccata-indexer-progress", settings.kafka.topic_prefix + GROUP)

    async def open_rows() -> Projection:
        return await open_projection(settings.database, now_ms, stand_by)

    def stand_by() -> None:
        log.info("indexer_stands_by")
        indexer.up = True

    indexer = Indexer(Ports(open_rows, events, KafkaDeadLetters(producer), progress, ends), metrics)
    try:
        yield indexer, metrics
    finally:
        for connection in (events, ends, progress, producer):
            await connection.stop()


async def serve(settings: IndexerSettings, stop: asyncio.Event) -> None:
    async with composed(settings) as (indexer, metrics):
        health = HealthServer(
            settings.common.health_host,
            settings.common.health_port,
            {"servers": lambda: indexer.up},
            metrics.registry,
        )
        port = await health.start()
        log.info("service_started", health_port=port)
        try:
            await indexer.run(stop)
        finally:
            await health.stop()
