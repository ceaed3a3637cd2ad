"""The metrics of the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from contracts.execution import Outcome
from toccata.runtime.metrics import Metric, MetricsPage, Values

ENDED = Metric("toccata_attempts", "counter", "ended attempts by outcome", ("outcome",))
RUNNING = Metric("toccata_attempts_running", "gauge", "attempts that are running", ("group", "type"))
WAITING = Metric(
    "toccata_attempts_waiting", "gauge", "attempts on this worker that wait for a place", ("group",)
)
SLOTS = Metric("toccata_worker_slots", "gauge", "attempts that this worker accepts at once", ("group",))
METRICS = (ENDED, RUNNING, WAITING, SLOTS)
_OUTCOMES: tuple[Outcome, ...] = ("succeeded", "warned", "failed", "timed_out", "cancelled", "lost")
INBOX = "inbox"
"""The name of this reader in the metric of dead letters."""


class WorkerMetrics:
    def __init__(self, page: MetricsPage, group: str) -> None:
        ended = page.counter(ENDED)
        self._page, self._group = page, group
        self._ended = {outcome: ended.labels(outcome) for outcome in _OUTCOMES}
        page.buried(INBOX, 0)

    def watch(self, slots: int, running: Callable[[], Iterable[str]], waiting: Callable[[], int]) -> None:
        """``running`` returns the type of each running attempt. It is called for each request of the page."""
        self._page.read(RUNNING, lambda: self._by_type(running()))
        self._page.read(WAITING, lambda: [((self._group,), waiting())])
        self._page.read(SLOTS, lambda: [((self._group,), slots)])

    def ended(self, outcome: Outcome) -> None:
        self._ended[outcome].inc()

    def buried(self) -> None:
        self._page.buried(INBOX)

    def _by_type(self, types: Iterable[str]) -> Values:
        counts: dict[str, int] = {}
        for name in types:
            counts[name] = counts.get(name, 0) + 1
        return [((self._group, name), count) for name, count in counts.items()]
