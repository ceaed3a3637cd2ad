"""All settings of the indexer, read once in ``__main__``."""

from __future__ import annotations

from dataclasses import dataclass, field

from toccata.runtime.postgres import PostgresSettings
from toccata.runtime.settings import CommonSettings, KafkaSettings

GROUP = "indexer"
"""The consumer group that shows the indexer's offsets. The topics' prefix goes before it, so that two systems may share a broker."""


@dataclass(frozen=True, slots=True)
class IndexerSettings:
    common: CommonSettings = field(default_factory=CommonSettings)
    kafka: KafkaSettings = field(default_factory=KafkaSettings)
    database: PostgresSettings = field(default_factory=PostgresSettings)
