"""Web's metrics: requests by kind and status, and open executions from the projection."""

from __future__ import annotations

from typing import Any, Literal, TypeAlias, get_args

from contracts.states import State
from services.web.ports import Rows
from toccata.runtime.clock import monotonic
from toccata.runtime.errors import Transient
from toccata.runtime.log import get_logger
from toccata.runtime.metrics import Metric, MetricsPage

log = get_logger()
RequestKind: TypeAlias = Literal["webhook", "api"]
AccessEvent: TypeAlias = Literal[
    "signed_in",
    "signed_out",
    "sign_in_refused",
    "sign_in_slowed",
    "session_refused",
    "token_refused",
    "token_created",
    "token_revoked",
]

REQUESTS = Metric("toccata_http_requests", "counter", "requests answered", ("kind", "status"))
SECONDS = Metric("toccata_http_seconds", "histogram", "time until the answer begins", ("kind",))
ACCESS = Metric(
    "toccata_access_events",
    "counter",
    "sign-ins, refusals, and tokens that were made or revoked",
    ("event",),
)
OPEN = Metric(
    "toccata_executions", "gauge", "executions that have not ended, from the projection", ("state",)
)
FLOW_OPEN = Metric(
    "toccata_flow_executions",
    "gauge",
    "executions that have not ended, by flow: the 100 flows with the most, and the sum of the others",
    ("namespace", "flow", "state"),
)
OPEN_AGE = Metric(
    "toccata_executions_age_seconds",
    "gauge",
    "age of toccata_executions and toccata_flow_executions; -1 before the first reading",
)
METRICS = (REQUESTS, SECONDS, ACCESS, OPEN, FLOW_OPEN, OPEN_AGE)
MOST_COUNTED = 100_000
"""The query reads at most this many open executions, so that it stays cheap. With more, the numbers are a lower bound."""
_FRESH_SECONDS = 10.0


class WebMetrics:
    """Keeps the labelled counters, because a lookup by labels costs more than counting."""

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


class AccessMetrics:
    def __init__(self, page: MetricsPage) -> None:
        counter = page.counter(ACCESS)
        # Each series exists from the start, so that an alert sees the first event.
        self._children = {event: counter.labels(event) for event in get_args(AccessEvent)}

    def count(self, event: AccessEvent) -> None:
        self._children[event].inc()


class OpenExecutions:
    """Reads the projection when the page is requested, at most every ten seconds. While the database is away, the last numbers
    stay, and their age grows."""

    def __init__(self, page: MetricsPage, rows: Rows) -> None:
        self._rows = rows
        self._counts: dict[tuple[str, str, State], int] = {}
        self._read_at: float | None = None
        self._asked_at = float("-inf")
        page.before(self._refresh)
        page.read(OPEN, lambda: [((state.value,), n) for (_, _, state), n in self._counts.items()])
        page.read(FLOW_OPEN, lambda: [((ns, flow, s.value), n) for (ns, flow, s), n in self._counts.items()])
        page.read(OPEN_AGE, lambda: [((), -1 if self._read_at is None else monotonic() - self._read_at)])

    async def _refresh(self) -> None:
        if monotonic() - self._asked_at < _FRESH_SECONDS:
            return
        # Before the answer, and whatever it is: the page is open to everybody, and must not make us ask often.
        self._asked_at = monotonic()
        try:
            self._counts = await self._rows.open_counts(MOST_COUNTED)
        except Transient as error:
            log.warning("open_executions_unknown", reason=str(error))
        else:
            self._read_at = monotonic()
