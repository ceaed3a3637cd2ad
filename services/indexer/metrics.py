"""What the indexer says of itself: names with their meaning."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from toccata.runtime.fetch import Partition

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60)


class Metrics:
    def __init__(self) -> None:
        registry = self.registry = CollectorRegistry()
        self.records = Counter("toccata_indexer_records", "records projected", ["topic"], registry=registry)
        self.availability = Histogram(
            "toccata_indexer_availability_seconds",
            "from the time of a batch's oldest record until its rows are visible: an upper bound for all its records",
            registry=registry,
            buckets=_SECONDS,
        )
        self.batch = Histogram(
            "toccata_indexer_batch_seconds",
            "loading, folding and writing one batch",
            registry=registry,
            buckets=_SECONDS,
        )
        self.batch_records = Histogram(
            "toccata_indexer_batch_records",
            "records in one batch",
            registry=registry,
            buckets=(1, 3, 10, 30, 100, 300, 1000, 3000, 10000),
        )
        self.dead = Counter("toccata_indexer_dead_letters", "records buried in topic dead", registry=registry)
        self.orphans = Counter(
            "toccata_indexer_orphans", "events whose beginning retention had removed", registry=registry
        )
        self.lost = Counter(
            "toccata_indexer_lost_records",
            "records that retention removed unread",
            ["topic"],
            registry=registry,
        )
        self.active = Gauge("toccata_indexer_active", "1: writes; 0: stands by", registry=registry)
        self._lag = Gauge(
            "toccata_indexer_lag_records",
            "records not projected yet",
            ["topic", "partition"],
            registry=registry,
        )

    def lag(self, lags: Mapping[Partition, int]) -> None:
        for (topic, partition), records in lags.items():
            self._lag.labels(topic, str(partition)).set(records)
