"""What the worker says of itself on its metrics port."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge

from contracts.execution import Outcome


class WorkerMetrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ended = Counter("toccata_attempts", "attempts ended, by outcome", ["outcome"], registry=self.registry)
        outcomes: tuple[Outcome, ...] = ("succeeded", "warned", "failed", "timed_out", "cancelled", "lost")
        self._ended = {outcome: ended.labels(outcome) for outcome in outcomes}
        self._running = Gauge("toccata_attempts_running", "attempts that run now", registry=self.registry)
        self._dead = Counter("toccata_dead_letters", "records buried in topic dead", registry=self.registry)

    def ended(self, outcome: Outcome) -> None:
        self._ended[outcome].inc()

    def running(self, count: int) -> None:
        self._running.set(count)

    def buried(self) -> None:
        self._dead.inc()
