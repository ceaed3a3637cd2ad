"""What web says of itself: requests by kind and status."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias

from toccata.runtime.metrics import Metric, MetricsPage

RequestKind: TypeAlias = Literal["webhook", "api"]

REQUESTS = Metric("toccata_http_requests", "counter", "requests answered", ("kind", "status"))
SECONDS = Metric("toccata_http_seconds", "histogram", "until the answer began", ("kind",))
METRICS = (REQUESTS, SECONDS)


class WebMetrics:
    """Children are kept: looking one up by its labels costs more than counting."""

    def __init__(self, page: MetricsPage) -> None:
        self._requests = page.counter(REQUESTS)
        seconds = page.histogram(SECONDS)
        self._seconds = {kind: seconds.labels(kind) for kind in ("webhook", "api")}
        self._children: dict[tuple[str, int], Any] = {}

    def answered(self, kind: RequestKind, status: int, seconds: float) -> None:
        child = self._children.get((kind, status))
        if child is None:
            child = self._children[kind, status] = self._requests.labels(kind, str(status))
        child.inc()
        self._seconds[kind].observe(seconds)
