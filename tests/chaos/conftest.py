"""Servers that a test may kill."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from toccata.standalone.kafka import EmbeddedKafka
from toccata.standalone.postgres import EmbeddedPostgres


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[tuple[EmbeddedKafka, EmbeddedPostgres]]:
    """Start servers only for this test, because it kills them."""
    kafka = EmbeddedKafka(tmp_path / "kafka", more={"log.retention.check.interval.ms": "1000"})
    postgres = EmbeddedPostgres(tmp_path / "postgres")
    try:
        await asyncio.gather(kafka.start(), postgres.start())
        yield kafka, postgres
    finally:
        await asyncio.gather(kafka.stop(), postgres.stop())
