"""A summary of each flow, value and file: enough to number and compare them, without sources and contents. Only ``evolve`` changes
it, and nothing here decides."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from contracts.limit import Behavior
from contracts.namespace import FileRevision
from contracts.namespace_path import folders_above
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


@dataclass(frozen=True, slots=True)
class Value:
    """What is known of a value in a namespace."""

    version: int
    change: int
    """The change that stored it."""
    created_at: Millis
    expires_at: Millis | None


@dataclass(frozen=True, slots=True)
class File:
    """A file of a namespace, or a folder, which has no revisions."""

    change: int
    revisions: list[FileRevision]
    created_at: Millis


@dataclass(frozen=True, slots=True)
class Given:
    """The answer that a request got."""

    revision: int
    change: int | None = None


Name = tuple[str, str]
"""A namespace, and a key or a path."""


@dataclass(slots=True)
class RegistryState:
    by_key: dict[str, Latest] = field(default_factory=dict)
    values: dict[Name, Value] = field(default_factory=dict)
    files: dict[Name, File] = field(default_factory=dict)
    paths: dict[str, set[str]] = field(default_factory=dict)
    """The paths of ``files`` by namespace."""
    folders: dict[Name, int] = field(default_factory=dict)
    """How many paths stand below each folder."""
    change: int = 0
    """The number of the last change of values and files."""
    requests: dict[str, Given] = field(default_factory=dict)
    """By request id."""
    request_order: deque[str] = field(default_factory=deque)
    touched: dict[str, None] = field(default_factory=dict)
    """Entities of snapshots that changed since this was last emptied."""

    def remember(self, request_id: str, given: Given) -> None:
        if request_id not in self.requests:
            self.request_order.append(request_id)
            if len(self.request_order) > REQUESTS_KEPT:
                del self.requests[self.request_order.popleft()]
        self.requests[request_id] = given

    def put_file(self, namespace: str, path: str, file: File) -> None:
        if (namespace, path) not in self.files:
            self.paths.setdefault(namespace, set()).add(path)
            for folder in folders_above(path):
                self.folders[namespace, folder] = self.folders.get((namespace, folder), 0) + 1
        self.files[namespace, path] = file

    def drop_file(self, namespace: str, path: str) -> None:
        if self.files.pop((namespace, path), None) is None:
            return
        self.paths[namespace].discard(path)
        if not self.paths[namespace]:
            del self.paths[namespace]
        for folder in folders_above(path):
            self.folders[namespace, folder] -= 1
            if not self.folders[namespace, folder]:
                del self.folders[namespace, folder]
