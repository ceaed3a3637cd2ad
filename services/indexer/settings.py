"""Everything that can be set about the indexer, read once in ``__main__``."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.runtime.postgres import PostgresSettings
from services.runtime.settings import CommonSettings, KafkaSettings

GROUP = "toccata.indexer"
"""The consumer group under which it shows its offsets."""


@dataclass(frozen=True, slots=True)
class IndexerSettings:
    common: CommonSettings = field(default_factory=CommonSettings)
    kafka: KafkaSettings = field(default_factory=KafkaSettings)
    database: PostgresSettings = field(default_factory=PostgresSettings)
