"""What all formats of snapshots share. Pure.

A partition's snapshots stand in a compacted topic, as records and a manifest that makes them complete. ``cells`` is the present
format, ``whole`` the first one. ``restore`` reads either.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from contracts.machine import Machine


class Incomplete(Exception):
    """There are manifests, but none of them has all its parts."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A complete snapshot."""

    epoch: int
    seq: int
    """The last decision that it holds."""
    offset: int
    """The offset in the journal from which records follow it."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A snapshot that is being written."""

    saved: Saved
    """What it is when it is complete."""
    records: list[tuple[bytes, bytes]]
    last: tuple[bytes, bytes]
    """The manifest. Write it when all others are acknowledged."""
    entities: int
    """How many entities the snapshot holds, whether it writes them or not."""

    @property
    def size(self) -> int:
        """What is written, in bytes."""
        return sum(len(value) for _, value in self.records)


class State(Protocol):
    """What a snapshot is of. See :class:`toccata.runtime.processor.partition.Partition`."""

    number: int
    machine: Machine[Any]

    def dump(self) -> dict[str, Any]: ...
    def header(self) -> dict[str, Any]: ...
    def take_touched(self) -> Iterable[str]: ...
    def cell(self, entity: str) -> bytes: ...


class Store(Protocol):
    """One partition's snapshots in the topic. One is written at a time."""

    def begin(self, state: State) -> Draft:
        """Write down the state as it is now, or what changed in it. A draft that was not completed is forgotten."""
        ...

    def complete(self) -> list[bytes]:
        """The draft is acknowledged. Return keys that neither it nor the snapshot before it needs.

        Another owner may stand on them. Remove them when the journal turns out to be ours after this."""
        ...

    def removed(self) -> None:
        """The removal of these keys is acknowledged. Until then :meth:`complete` returns them again."""
        ...
