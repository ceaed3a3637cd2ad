"""The metrics of the event listener."""

from __future__ import annotations

from toccata.runtime.metrics import Metric, MetricsPage

READ = Metric("toccata_events_read", "counter", "events read", ("topic",))
STARTS = Metric("toccata_event_starts", "counter", "executions that events started")
EVENTS = "events"
"""The name of this reader in the metric of dead letters."""
METRICS = (READ, STARTS)


class ListenerMetrics:
    def __init__(self, page: MetricsPage) -> None:
        self._page = page
        page.buried(EVENTS, 0)
        self._events = page.counter(READ)
        self._starts = page.counter(STARTS)

    def delivered(self, topic: str, events: int, starts: int, dead: int) -> None:
        self._events.labels(topic).inc(events)
        self._starts.inc(starts)
        self._page.buried(EVENTS, dead)

    def set_aside(self) -> None:
        self._page.set_aside(EVENTS)
