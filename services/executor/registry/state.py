"""A summary of each flow, enough to number and compare revisions, without the sources. Only ``evolve`` changes it, and
nothing here decides."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from contracts.limit import Behavior
from contracts.scalars import Millis

REQUESTS_KEPT = 4_096
"""How many storing requests are remembered, so that a repeated one gets the same answer."""


@dataclass(frozen=True, slots=True)
class Latest:
    """The latest revision of a flow."""

    namespace: str
    flow_id: str
    revision: int
    source_hash: str
    created_at: Millis
    deleted: bool
    trigger_ids: list[str]
    limit: int | None
    behavior: Behavior


@dataclass(slots=True)
class RegistryState:
    by_key: dict[str, Latest] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    """Revision by request id."""
    request_order: deque[str] = field(default_factory=deque)

    def remember(self, request_id: str, revision: int) -> None:
        if request_id not in self.requests:
            self.request_order.append(request_id)
            if len(self.request_order) > REQUESTS_KEPT:
                del self.requests[self.request_order.popleft()]
        self.requests[request_id] = revision
