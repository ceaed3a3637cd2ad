"""What is remembered of each flow: enough to number and compare revisions, never the sources themselves."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import msgspec

from contracts.limit import Behavior
from contracts.scalars import Millis, flow_key
from services.executor.registry.event import RevisionStored

REQUESTS_KEPT = 4_096
"""Requests that stored something: one that web sends again gets the same answer."""


class Latest(msgspec.Struct, frozen=True, array_like=True, tag="flow"):
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


class _RequestItem(msgspec.Struct, frozen=True, array_like=True, tag="request"):
    request_id: str
    revision: int


class Flows:
    def __init__(self) -> None:
        self.by_key: dict[str, Latest] = {}
        self.requests: dict[str, int] = {}
        """Revision by request id."""
        self._request_order: deque[str] = deque()

    def apply(self, event: RevisionStored) -> None:
        self.by_key[flow_key(event.namespace, event.flow_id)] = Latest(
            event.namespace,
            event.flow_id,
            event.revision,
            event.source_hash,
            event.created_at,
            event.deleted,
            event.trigger_ids,
            event.limit,
            event.behavior,
        )
        self._remember(event.request_id, event.revision)

    def dump(self) -> Iterator[bytes]:
        for latest in self.by_key.values():
            yield _encode(latest)
        for request_id in self._request_order:
            yield _encode(_RequestItem(request_id, self.requests[request_id]))

    def load(self, items: Iterable[bytes]) -> None:
        for raw in items:
            match _decoder.decode(raw):
                case Latest() as latest:
                    self.by_key[flow_key(latest.namespace, latest.flow_id)] = latest
                case _RequestItem(request_id, revision):
                    self._remember(request_id, revision)

    def _remember(self, request_id: str, revision: int) -> None:
        if request_id not in self.requests:
            self._request_order.append(request_id)
            if len(self._request_order) > REQUESTS_KEPT:
                del self.requests[self._request_order.popleft()]
        self.requests[request_id] = revision


_Item: TypeAlias = Latest | _RequestItem
_encode = msgspec.json.Encoder().encode
_decoder: msgspec.json.Decoder[_Item] = msgspec.json.Decoder(_Item)
