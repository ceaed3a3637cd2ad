"""Metrics as data, and the one page of a process that shows them. Only metrics declared here or in a module's ``METRICS`` can
be shown, so tests can check the reference, the dashboard and the alerts against the code."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from toccata.runtime.traffic import TRAFFIC
from toccata.version import version

Kind: TypeAlias = Literal["counter", "gauge", "histogram"]
Values: TypeAlias = Iterable[tuple[tuple[str, ...], float]]
"""Label values, in the order of the metric's labels, and the number."""

PAGE_TYPE = "text/plain; version=0.0.4; charset=utf-8"
QUICK_SECONDS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10)
MOST_SERIES = 100
"""The most series of a gauge whose labels users name (worker groups, flows). The smaller ones add up to one more series."""
OTHERS = "(others)"
_LAG_PERIOD_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Metric:
    """``name`` is the declared name. Prometheus shows a counter as ``<name>_total``."""

    name: str
    kind: Kind
    meaning: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = QUICK_SECONDS


BUILD = Metric(
    "toccata_build_info",
    "gauge",
    "always 1; the labels give the service and its version",
    ("service", "version"),
)
UP = Metric("toccata_up", "gauge", "1 if this health check of the service passes, else 0", ("check",))
LOOP_LAG = Metric(
    "toccata_event_loop_lag_seconds",
    "histogram",
    "how late the event loop ran a timer; high values mean that something blocked it",
)
PROCESS = (
    Metric("process_cpu_seconds", "counter", "processor time used by the process"),
    Metric("process_resident_memory_bytes", "gauge", "memory used by the process"),
    Metric("process_virtual_memory_bytes", "gauge", "address space of the process"),
    Metric("process_open_fds", "gauge", "open files and connections"),
    Metric("process_max_fds", "gauge", "limit on open files and connections"),
    Metric("process_start_time_seconds", "gauge", "when the process started, seconds since 1970"),
)
"""From prometheus_client, which reads /proc. Absent where there is no /proc."""
LAG = Metric(
    "toccata_consumer_lag_records",
    "gauge",
    "records not read yet, in all partitions that this process reads",
    ("topic",),
)
DEAD_LETTERS = Metric(
    "toccata_dead_letters",
    "counter",
    "records written to the topic dead; the label names the reader that gave up",
    ("reader",),
)
SET_ASIDE = Metric(
    "toccata_inputs_set_aside",
    "counter",
    "those of the dead letters that were written because processes died while they decided the input",
    ("reader",),
)
TAIL_RECORDS = Metric(
    "toccata_records_passed_over",
    "counter",
    "records that this process only follows, and could not read or take; the log says where each is",
    ("topic",),
)
REQUESTS = Metric(
    "toccata_kafka_requests",
    "counter",
    "requests to Kafka that send (produce) or read records (fetch)",
    ("kind",),
)
PARTITIONS = Metric(
    "toccata_kafka_fetch_partitions",
    "counter",
    "partitions named in fetch requests (asked) and in their answers (answered)",
    ("side",),
)
RECORDS = Metric(
    "toccata_kafka_records", "counter", "records sent to Kafka, and received from it", ("direction",)
)
METRICS = (
    BUILD,
    UP,
    LOOP_LAG,
    LAG,
    DEAD_LETTERS,
    SET_ASIDE,
    TAIL_RECORDS,
    REQUESTS,
    PARTITIONS,
    RECORDS,
    *PROCESS,
)
"""The metrics that every service shows."""


class MetricsPage:
    """The metrics page of this process, for Prometheus."""

    def __init__(self, service: str) -> None:
        # Otherwise every counter has a second series with its start time; process_start_time_seconds is enough.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # prometheus_client does not annotate it
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self.gauge(BUILD).labels(service, version()).set(1)
        self._up = self.gauge(UP)
        self._lag = self.histogram(LOOP_LAG)
        self._tick: asyncio.TimerHandle | None = None
        self._readings: dict[str, _Reading] = {}
        self._refreshes: list[Callable[[], Awaitable[None]]] = []
        self._dead = self.counter(DEAD_LETTERS)
        self._set_aside = self.counter(SET_ASIDE)
        self.registry.register(_TrafficReading())
        self.read(LAG, list)

    def buried(self, reader: str, count: int = 1) -> None:
        """Count records that ``reader`` gave up. With 0 its series appears before the first one."""
        self._dead.labels(reader).inc(count)

    def set_aside(self, reader: str, count: int = 1) -> None:
        """Count those of the buried records that killed processes."""
        self._set_aside.labels(reader).inc(count)

    def lag(self, by_topic: Callable[[], Mapping[str, int]]) -> None:
        """Add one reader's lag. ``by_topic`` is called for each request of the page."""
        self.read(LAG, lambda: [((topic,), records) for topic, records in by_topic().items()])

    def counter(self, metric: Metric) -> Counter:
        assert metric.kind == "counter"
        return Counter(metric.name, metric.meaning, metric.labels, registry=self.registry)

    def gauge(self, metric: Metric) -> Gauge:
        assert metric.kind == "gauge"
        return Gauge(metric.name, metric.meaning, metric.labels, registry=self.registry)

    def histogram(self, metric: Metric) -> Histogram:
        assert metric.kind == "histogram"
        return Histogram(
            metric.name, metric.meaning, metric.labels, registry=self.registry, buckets=metric.buckets
        )

    def read(self, metric: Metric, values: Callable[[], Values]) -> None:
        """Add a gauge that is read for each request of the page, so that no series outlives its subject.

        One metric may have several readings. Their values are joined, and those with equal labels are added up."""
        assert metric.kind == "gauge"
        reading = self._readings.get(metric.name)
        if reading is None:
            reading = self._readings[metric.name] = _Reading(metric)
            self.registry.register(reading)
        reading.sources.append(values)

    def before(self, refresh: Callable[[], Awaitable[None]]) -> None:
        """Await ``refresh`` before each page, for values that cannot be read at once. It must keep a deadline and not raise."""
        self._refreshes.append(refresh)

    async def render(self, report: Mapping[str, bool]) -> bytes:
        """Return the page. ``report`` is the service's health."""
        for refresh in self._refreshes:
            await refresh()
        for name, up in report.items():
            self._up.labels(name).set(up)
        return generate_latest(self.registry)

    def watch_loop(self) -> None:
        """Measure the event loop from now on. Call this in the loop."""
        loop = asyncio.get_running_loop()
        due = loop.time() + _LAG_PERIOD_SECONDS

        def tick() -> None:
            nonlocal due
            now = loop.time()
            self._lag.observe(max(0.0, now - due))
            due = now + _LAG_PERIOD_SECONDS
            self._tick = loop.call_at(due, tick)

        self._tick = loop.call_at(due, tick)

    def close(self) -> None:
        if self._tick is not None:
            self._tick.cancel()


class _Reading(Collector):
    def __init__(self, metric: Metric) -> None:
        self._metric = metric
        self.sources: list[Callable[[], Values]] = []

    def collect(self) -> Iterable[GaugeMetricFamily]:
        found: dict[tuple[str, ...], float] = {}
        for source in self.sources:
            for labels, value in source():
                found[labels] = found.get(labels, 0) + value
        family = GaugeMetricFamily(self._metric.name, self._metric.meaning, labels=self._metric.labels)
        for labels, value in bounded(list(found.items())):
            family.add_metric(labels, value)
        yield family

    def describe(self) -> Iterable[GaugeMetricFamily]:
        """Return no values, so that nothing is read before a request of the page."""
        return [GaugeMetricFamily(self._metric.name, self._metric.meaning, labels=self._metric.labels)]


class _TrafficReading(Collector):
    def collect(self) -> Iterable[CounterMetricFamily]:
        yield _counted(TAIL_RECORDS, **TRAFFIC.passed_over)
        yield _counted(REQUESTS, produce=TRAFFIC.produces, fetch=TRAFFIC.fetches)
        yield _counted(PARTITIONS, asked=TRAFFIC.partitions_asked, answered=TRAFFIC.partitions_answered)
        yield _counted(RECORDS, sent=TRAFFIC.records_sent, received=TRAFFIC.records_received)


def _counted(metric: Metric, **counts: int) -> CounterMetricFamily:
    family = CounterMetricFamily(metric.name, metric.meaning, labels=metric.labels)
    for label, count in counts.items():
        family.add_metric([label], count)
    return family


def bounded(values: Sequence[tuple[tuple[str, ...], float]]) -> list[tuple[tuple[str, ...], float]]:
    """Return at most MOST_SERIES values, and one for the rest."""
    if len(values) <= MOST_SERIES:
        return list(values)
    ordered = sorted(values, key=lambda each: -each[1])
    rest = ordered[MOST_SERIES:]
    others = tuple(OTHERS for _ in rest[0][0])
    return [*ordered[:MOST_SERIES], (others, sum(value for _, value in rest))]
