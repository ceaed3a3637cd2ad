"""Builds the indexer from its settings."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.indexer.adapters.kafka import KafkaDeadLetters
from services.indexer.adapters.postgres import open_projection
from services.indexer.metrics import IndexerMetrics
from services.indexer.ports import Projection
from services.indexer.settings import GROUP, IndexerSettings
from services.indexer.shell import Indexer, Ports
from toccata.runtime.clock import now_ms
from toccata.runtime.fetch import Reader
from toccata.runtime.group_offset import GroupOffsets
from toccata.runtime.health import Health, HealthServer, Probe
from toccata.runtime.kafka import Producer
from toccata.runtime.kafka_probe import KafkaProbe
from toccata.runtime.log import get_logger
from toccata.runtime.metrics import MetricsPage
from toccata.runtime.postgres import PostgresProbe

log = get_logger()


@asynccontextmanager
async def composed(
    settings: IndexerSettings, *, has_claim: bool = False
) -> AsyncIterator[tuple[Indexer, MetricsPage]]:
    """Yield an indexer that does not run yet. Close its connections at the end. ``has_claim``: it is a rebuild's own."""
    page = MetricsPage("indexer")
    producer = Producer(settings.kafka, "toccata-indexer")
    events, ends = Reader(settings.kafka, "toccata-indexer"), Reader(settings.kafka, "toccata-indexer-ends")
    progress = GroupOffsets(settings.kafka, "toccata-indexer-progress", settings.kafka.topic_prefix + GROUP)

    async def open_rows() -> Projection:
        return await open_projection(settings.database, now_ms, stand_by, has_claim=has_claim)

    def stand_by() -> None:
        log.info("indexer_stands_by")
        indexer.up = True

    indexer = Indexer(
        Ports(open_rows, events, KafkaDeadLetters(producer), progress, ends), IndexerMetrics(page)
    )
    try:
        yield indexer, page
    finally:
        for connection in (events, ends, progress, producer):
            await connection.stop()


async def serve(settings: IndexerSettings, stop: asyncio.Event) -> None:
    async with composed(settings) as (indexer, page):
        health = HealthServer(
            settings.common.health_host,
            settings.common.health_port,
            Health({"servers": lambda: indexer.up}, _probes(settings)),
            page,
        )
        port = await health.start()
        log.info("service_started", health_port=port)
        try:
            await indexer.run(stop)
        finally:
            await health.stop()


def _probes(settings: IndexerSettings) -> dict[str, Probe]:
    return {
        "kafka": KafkaProbe(settings.kafka, "toccata-indexer"),
        "postgres": PostgresProbe(settings.database, "toccata-indexer-probe"),
    }
