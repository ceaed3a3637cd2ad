"""What belongs to a namespace and is no flow: values by key, and files by path. Commands to the registry, and the compacted state
that workers and web read."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec

from contracts.message import Message
from contracts.scalars import Millis

ValueKind: TypeAlias = Literal["STRING", "NUMBER", "BOOLEAN", "DATETIME", "DATE", "DURATION", "JSON"]


class PutValue(Message, frozen=True, kw_only=True, tag="namespace.value.put.v1"):
    """Store a value under a key. Without ``overwrite``, a key that has a value is refused."""

    namespace: str
    key: str
    kind: ValueKind
    value: str = ""
    """JSON. Empty if the value is in internal storage."""
    uri: str = ""
    """Where a large value is."""
    description: str = ""
    expires_at: Millis | None = None
    overwrite: bool = True
    at: Millis
    request_id: str
    reply_to: int
    """The partition of ``replies`` where the sender waits for the answer."""


class DeleteValue(Message, frozen=True, kw_only=True, tag="namespace.value.delete.v1"):
    namespace: str
    key: str
    at: Millis
    request_id: str
    reply_to: int


class PutFile(Message, frozen=True, kw_only=True, tag="namespace.file.put.v1"):
    """Store a new revision of a file, whose content is in internal storage already. A path that ends with ``/`` is a folder."""

    namespace: str
    path: str
    """Begins with ``/``."""
    uri: str = ""
    size: int = 0
    overwrite: bool = True
    at: Millis
    request_id: str
    reply_to: int


class DeleteFiles(Message, frozen=True, kw_only=True, tag="namespace.file.delete.v1"):
    """Delete a file, or a folder with everything in it."""

    namespace: str
    path: str
    at: Millis
    request_id: str
    reply_to: int


class MoveFiles(Message, frozen=True, kw_only=True, tag="namespace.file.move.v1"):
    """Give a file, or a folder with everything in it, another path. Nothing is overwritten."""

    namespace: str
    source: str
    target: str
    at: Millis
    request_id: str
    reply_to: int


class ForgetRevisions(Message, frozen=True, kw_only=True, tag="namespace.file.forget.v1"):
    """Forget old revisions of a file. The latest one always stays."""

    namespace: str
    path: str
    revisions: list[int]
    at: Millis
    request_id: str
    reply_to: int


NamespaceCommand: TypeAlias = PutValue | DeleteValue | PutFile | DeleteFiles | MoveFiles | ForgetRevisions


class ValueState(Message, frozen=True, kw_only=True, tag="namespace.value.state.v1"):
    """The value of a key. Its record's key is ``value/<namespace>/<key>@<change>``, so that no late record replaces a newer one."""

    namespace: str
    key: str
    change: int
    """Counts all changes of values and files. Readers ignore what is not above the last change that they know."""
    kind: ValueKind = "STRING"
    value: str = ""
    """JSON. Empty if the value is in internal storage, or deleted."""
    uri: str = ""
    description: str = ""
    version: int = 0
    """Counts from 1. It begins again when the key was deleted."""
    created_at: Millis = 0
    updated_at: Millis = 0
    expires_at: Millis | None = None
    deleted: bool = False


class FileRevision(msgspec.Struct, frozen=True, array_like=True):
    number: int
    """Counts from 1."""
    uri: str
    size: int
    at: Millis


class FileState(Message, frozen=True, kw_only=True, tag="namespace.file.state.v1"):
    """A file or a folder of a namespace. Its record's key is ``file/<namespace>/<path>@<change>``."""

    namespace: str
    path: str
    change: int
    revisions: list[FileRevision] = []
    """Ascending. A folder has none."""
    created_at: Millis = 0
    updated_at: Millis = 0
    deleted: bool = False


NamespaceState: TypeAlias = ValueState | FileState
