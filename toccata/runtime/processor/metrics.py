"""The metrics of processors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from toccata.runtime.metrics import Metric, MetricsPage
from toccata.runtime.processor.snapshot import Draft

INPUTS = Metric(
    "toccata_inputs", "counter", "inputs decided; its rate is decisions per second", ("processor",)
)
DECIDE = Metric("toccata_decide_seconds", "histogram", "time to decide one batch", ("processor",))
APPEND = Metric(
    "toccata_append_seconds", "histogram", "time to append one batch to the journal", ("processor",)
)
RECOVERY = Metric(
    "toccata_recovery_seconds", "gauge", "duration of a partition's last recovery", ("processor", "partition")
)
SNAPSHOT_BYTES = Metric(
    "toccata_snapshot_bytes", "gauge", "size of what the last snapshot wrote", ("processor", "partition")
)
SNAPSHOT_CELLS = Metric(
    "toccata_snapshot_cells",
    "gauge",
    "entities (executions, flows, triggers …) in the last snapshot, changed or not",
    ("processor", "partition"),
)
SNAPSHOT_PAUSE = Metric(
    "toccata_snapshot_pause_seconds", "histogram", "time for which a dump stopped decisions", ("processor",)
)
PARTITIONS = Metric("toccata_partitions", "gauge", "partitions that this replica decides", ("processor",))
OWED = Metric(
    "toccata_outbox_owed", "gauge", "decisions whose events or messages are not sent yet", ("processor",)
)
STOPPED = Metric(
    "toccata_partition_stopped",
    "gauge",
    "1: its log lacks records or cannot be read, so it decides nothing; the log names what is wrong",
    ("processor", "partition"),
)
INPUT_LOST = Metric(
    "toccata_input_lost",
    "counter",
    "ranges of an input topic that were gone before they were read, or topics that were made anew",
    ("processor", "topic"),
)
METRICS = (
    INPUTS,
    DECIDE,
    APPEND,
    RECOVERY,
    SNAPSHOT_BYTES,
    SNAPSHOT_CELLS,
    SNAPSHOT_PAUSE,
    PARTITIONS,
    OWED,
    STOPPED,
    INPUT_LOST,
)


class ProcessorMetrics:
    def __init__(self, page: MetricsPage) -> None:
        self._inputs = page.counter(INPUTS)
        self._decide = page.histogram(DECIDE)
        self._append = page.histogram(APPEND)
        self._page = page
        self._recovery = page.gauge(RECOVERY)
        self._snapshot_bytes = page.gauge(SNAPSHOT_BYTES)
        self._snapshot_cells = page.gauge(SNAPSHOT_CELLS)
        self._snapshot_pause = page.histogram(SNAPSHOT_PAUSE)
        self._partitions: dict[str, Callable[[], int]] = {}
        self._owed: dict[str, Callable[[], int]] = {}
        self._input_lost = page.counter(INPUT_LOST)
        self._stopped: dict[str, Callable[[], Iterable[int]]] = {}
        page.read(
            STOPPED,
            lambda: [((name, str(n)), 1) for name, stopped in self._stopped.items() for n in stopped()],
        )
        page.read(PARTITIONS, lambda: [((name,), count()) for name, count in self._partitions.items()])
        page.read(OWED, lambda: [((name,), count()) for name, count in self._owed.items()])

    def watch(
        self,
        processor: str,
        partitions: Callable[[], int],
        owed: Callable[[], int],
        lag: Callable[[], Mapping[str, int]],
    ) -> None:
        """Read these values for each request of the page."""
        self._partitions[processor] = partitions
        self._owed[processor] = owed
        self._page.lag(lag)
        self._page.buried(processor, 0)

    def watch_stopped(self, processor: str, stopped: Callable[[], Iterable[int]]) -> None:
        """Read for each request of the page which partitions are stopped."""
        self._stopped[processor] = stopped

    def input_lost(self, processor: str, topic: str) -> None:
        self._input_lost.labels(processor, topic).inc()

    def set_aside(self, processor: str, count: int) -> None:
        self._page.set_aside(processor, count)

    def decided(self, processor: str, inputs: int, decide_seconds: float, append_seconds: float) -> None:
        self._inputs.labels(processor).inc(inputs)
        self._decide.labels(processor).observe(decide_seconds)
        self._append.labels(processor).observe(append_seconds)

    def buried(self, processor: str, count: int) -> None:
        self._page.buried(processor, count)

    def recovered(self, processor: str, partition: int, seconds: float) -> None:
        self._recovery.labels(processor, str(partition)).set(seconds)

    def snapshot(self, processor: str, partition: int, draft: Draft, pause_seconds: float) -> None:
        self._snapshot_bytes.labels(processor, str(partition)).set(draft.size)
        self._snapshot_cells.labels(processor, str(partition)).set(draft.entities)
        self._snapshot_pause.labels(processor).observe(pause_seconds)
