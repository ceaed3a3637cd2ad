"""The metrics of the indexer, and their recorder."""

from __future__ import annotations

from collections.abc import Mapping

from toccata.runtime.fetch import TopicPartition
from toccata.runtime.metrics import OTHERS, Metric, MetricsPage

_SECONDS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 60)
_RECORDS = (1, 3, 10, 30, 100, 300, 1000, 3000, 10000)

PROJECTED = Metric("toccata_indexer_records", "counter", "records projected", ("topic",))
AVAILABILITY = Metric(
    "toccata_indexer_availability_seconds",
    "histogram",
    "time from a batch's oldest record until its rows are visible, an upper bound for all its records",
    buckets=_SECONDS,
)
BATCH = Metric(
    "toccata_indexer_batch_seconds",
    "histogram",
    "time to load, fold and write one batch",
    buckets=_SECONDS,
)
BATCH_RECORDS = Metric("toccata_indexer_batch_records", "histogram", "records in one batch", buckets=_RECORDS)
ORPHANS = Metric(
    "toccata_indexer_orphans",
    "counter",
    "events whose execution or task run is unknown, because retention removed its creation",
)
LOST = Metric("toccata_indexer_lost_records", "counter", "records that retention removed unread", ("topic",))
UNKNOWN = Metric(
    "toccata_indexer_unknown_types",
    "counter",
    "records passed over, because only a newer version knows their type",
    ("topic",),
)
ACTIVE = Metric("toccata_indexer_active", "gauge", "1 if this indexer writes, 0 if it stands by")
CREATED = Metric(
    "toccata_executions_created",
    "counter",
    "created executions, counted when projected",
    ("namespace", "flow"),
)
ENDED = Metric(
    "toccata_executions_ended",
    "counter",
    "ended executions, counted when projected",
    ("namespace", "flow", "state"),
)
METRICS = (PROJECTED, AVAILABILITY, BATCH, BATCH_RECORDS, ORPHANS, LOST, UNKNOWN, ACTIVE, CREATED, ENDED)

READER = "indexer"
"""The name of this reader in the metric of dead letters."""
MOST_FLOWS = 200
"""The number of flows with their own counters: the first since the start. Later ones share one counter."""


class IndexerMetrics:
    def __init__(self, page: MetricsPage) -> None:
        self._page = page
        self.records = page.counter(PROJECTED)
        self.availability = page.histogram(AVAILABILITY)
        self.batch = page.histogram(BATCH)
        self.batch_records = page.histogram(BATCH_RECORDS)
        self.orphans = page.counter(ORPHANS)
        self.lost = page.counter(LOST)
        self.unknown = page.counter(UNKNOWN)
        self.active = page.gauge(ACTIVE)
        self._created = page.counter(CREATED)
        self._ended = page.counter(ENDED)
        self._flows: set[tuple[str, str]] = set()
        self._lag: Mapping[TopicPartition, int] = {}
        page.lag(self._lag_by_topic)
        page.buried(READER, 0)

    def buried(self, count: int) -> None:
        self._page.buried(READER, count)

    def set_aside(self) -> None:
        self._page.set_aside(READER)

    def lag(self, lags: Mapping[TopicPartition, int]) -> None:
        self._lag = lags

    def created(self, namespace: str, flow_id: str) -> None:
        self._created.labels(*self._flow(namespace, flow_id)).inc()

    def ended(self, namespace: str, flow_id: str, state: str) -> None:
        self._ended.labels(*self._flow(namespace, flow_id), state).inc()

    def _flow(self, namespace: str, flow_id: str) -> tuple[str, str]:
        key = (namespace, flow_id)
        if key in self._flows:
            return key
        if len(self._flows) >= MOST_FLOWS:
            return OTHERS, OTHERS
        self._flows.add(key)
        return key

    def _lag_by_topic(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for (topic, _), records in self._lag.items():
            found[topic] = found.get(topic, 0) + records
        return found
