"""Names of all metrics with their meaning, and the recorder. One registry a process, served by the health port."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)


class Metrics:
    """What processors say of themselves. Services add their own to ``registry``."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ["processor"]
        self._inputs = Counter("toccata_inputs", "inputs decided", labels, registry=self.registry)
        self._decide = Histogram(
            "toccata_decide_seconds", "deciding one batch", labels, registry=self.registry, buckets=_BUCKETS
        )
        self._append = Histogram(
            "toccata_append_seconds",
            "appending one batch to the journal",
            labels,
            registry=self.registry,
            buckets=_BUCKETS,
        )
        self._dead = Counter(
            "toccata_dead_letters", "records buried in topic dead", labels, registry=self.registry
        )
        self._recovery = Gauge(
            "toccata_recovery_seconds",
            "last recovery of a partition",
            [*labels, "partition"],
            registry=self.registry,
        )
        self._snapshot_bytes = Gauge(
            "toccata_snapshot_bytes",
            "size of the last snapshot",
            [*labels, "partition"],
            registry=self.registry,
        )
        self._snapshot_pause = Histogram(
            "toccata_snapshot_pause_seconds",
            "deciding stood still for a dump",
            labels,
            registry=self.registry,
            buckets=_BUCKETS,
        )

    def decided(self, processor: str, inputs: int, decide_seconds: float, append_seconds: float) -> None:
        self._inputs.labels(processor).inc(inputs)
        self._decide.labels(processor).observe(decide_seconds)
        self._append.labels(processor).observe(append_seconds)

    def buried(self, processor: str, count: int) -> None:
        self._dead.labels(processor).inc(count)

    def recovered(self, processor: str, partition: int, seconds: float) -> None:
        self._recovery.labels(processor, str(partition)).set(seconds)

    def snapshot(self, processor: str, partition: int, size: int, pause_seconds: float) -> None:
        self._snapshot_bytes.labels(processor, str(partition)).set(size)
        self._snapshot_pause.labels(processor).observe(pause_seconds)
