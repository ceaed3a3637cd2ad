"""What namespaces hold: the fold of ``namespaces.state``. Lookups never wait."""

from __future__ import annotations

from collections.abc import Iterator

from contracts.codec import Codec
from contracts.namespace import FileRevision, FileState, NamespaceState, ValueState
from contracts.scalars import Millis


class Entries:
    """Records may come twice. One whose change is not above the last one that was applied means nothing."""

    def __init__(self) -> None:
        self.change = 0
        """The last change that was applied."""
        self._codec: Codec[NamespaceState] = Codec(NamespaceState)
        self._values: dict[str, dict[str, ValueState]] = {}
        self._files: dict[str, dict[str, FileState]] = {}

    def apply(self, record: bytes | None) -> None:
        """Apply the value of one record. A tombstone only clears the topic. Raise UnreadableMessage."""
        if record is None:
            return
        state = self._codec.decode(record)
        if state.change <= self.change:
            return
        self.change = state.change
        if isinstance(state, ValueState):
            _keep(self._values, state.namespace, state.key, None if state.deleted else state)
        else:
            _keep(self._files, state.namespace, state.path, None if state.deleted else state)

    def value(self, namespace: str, key: str) -> ValueState | None:
        """Return the value, which may have expired."""
        return self._values.get(namespace, {}).get(key)

    def values(self, namespace: str | None = None) -> list[ValueState]:
        """Return the values of a namespace, or of all, with those that have expired."""
        found = self._values.values() if namespace is None else [self._values.get(namespace, {})]
        return [state for values in found for state in values.values()]

    def file(self, namespace: str, path: str) -> FileState | None:
        """Return the file or the folder of this name, if it was created as such. A folder also exists because files are in it."""
        return self._files.get(namespace, {}).get(path)

    def files(self, namespace: str) -> list[FileState]:
        """Return files and created folders, by path."""
        found = self._files.get(namespace, {})
        return [found[path] for path in sorted(found)]

    def namespaces(self) -> Iterator[str]:
        """Yield namespaces that hold something."""
        yield from sorted(self._values.keys() | self._files.keys())


def latest(file: FileState, number: int | None = None) -> FileRevision | None:
    """Return this revision of a file, or the last one. None if there is none, as of a folder."""
    if number is None:
        return file.revisions[-1] if file.revisions else None
    return next((revision for revision in file.revisions if revision.number == number), None)


def has_expired(value: ValueState, at: Millis) -> bool:
    return value.expires_at is not None and value.expires_at <= at


def _keep(held: dict, namespace: str, name: str, state: object) -> None:  # type: ignore[type-arg]
    if state is not None:
        held.setdefault(namespace, {})[name] = state
        return
    inside = held.get(namespace, {})
    inside.pop(name, None)
    if not inside:
        held.pop(namespace, None)
