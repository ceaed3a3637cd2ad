"""The decisions of the registry, as its journal keeps them. Private, but stored: never rename a type or a field."""

from __future__ import annotations

from typing import TypeAlias

from contracts.codec import Codec
from contracts.limit import Behavior
from contracts.message import Message
from contracts.namespace import FileRevision
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


class ValueStored(Message, frozen=True, kw_only=True, tag="registry.value.stored.v1"):
    namespace: str
    key: str
    change: int
    version: int
    at: Millis
    created_at: Millis
    expires_at: Millis | None = None


class ValueDeleted(Message, frozen=True, kw_only=True, tag="registry.value.deleted.v1"):
    namespace: str
    key: str
    change: int
    at: Millis


class FileStored(Message, frozen=True, kw_only=True, tag="registry.file.stored.v1"):
    """A file or a folder is new, or has other revisions."""

    namespace: str
    path: str
    change: int
    revisions: list[FileRevision]
    at: Millis
    created_at: Millis


class FileDeleted(Message, frozen=True, kw_only=True, tag="registry.file.deleted.v1"):
    namespace: str
    path: str
    change: int
    at: Millis


class RequestAnswered(Message, frozen=True, kw_only=True, tag="registry.answered.v1"):
    """A command changed values or files, and got this answer."""

    request_id: str
    revision: int
    change: int


JournalEvent: TypeAlias = (
    RevisionStored | ValueStored | ValueDeleted | FileStored | FileDeleted | RequestAnswered
)
JOURNAL: Codec[JournalEvent] = Codec(JournalEvent)
