"""The decisions of the registry, as its journal keeps them. Private, but stored: never rename a type or a field."""

from __future__ import annotations

from typing import TypeAlias

from contracts.codec import Codec
from contracts.limit import Behavior
from contracts.message import Message
from contracts.scalars import Millis


class RevisionStored(Message, frozen=True, kw_only=True, tag="registry.stored.v1"):
    """A flow has a new latest revision."""

    namespace: str
    flow_id: str
    revision: int
    source_hash: str
    at: Millis
    created_at: Millis
    request_id: str
    deleted: bool = False
    trigger_ids: list[str] = []
    limit: int | None = None
    behavior: Behavior = "QUEUE"


JournalEvent: TypeAlias = RevisionStored
JOURNAL: Codec[JournalEvent] = Codec(JournalEvent)
