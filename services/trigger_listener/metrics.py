"""What the event listener counts."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter


class ListenerMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self._events = Counter("toccata_events_read", "events read, by topic", ["topic"], registry=registry)
        self._starts = Counter("toccata_event_starts", "executions that events started", registry=registry)
        self._dead = Counter("toccata_events_dead", "events buried in topic dead", registry=registry)

    def delivered(self, topic: str, events: int, starts: int, dead: int) -> None:
        self._events.labels(topic).inc(events)
        self._starts.inc(starts)
        self._dead.inc(dead)
