"""Loads a partition from the newest complete snapshot of any format. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from toccata.runtime.processor import cells, whole
from toccata.runtime.processor.cells import CellStore
from toccata.runtime.processor.partition import Partition
from toccata.runtime.processor.snapshot import Incomplete, Saved, Store
from toccata.runtime.processor.whole import WholeStore

WHOLE = 1
CELLS = 2


def restore(
    partition: Partition, records: Mapping[bytes, bytes], write_version: int = CELLS
) -> tuple[Saved | None, Store]:
    """Load an empty partition from the latest records by key, and return what was loaded and what writes the next snapshot.

    Raise Incomplete if there are snapshots, but none is complete."""
    saved, store = _load(partition, records)
    return saved, store if write_version >= CELLS else WholeStore(records, saved)


def is_manifest(key: bytes) -> bool:
    """Return whether a record with this key completes a snapshot, of any format."""
    return key.startswith(b"m/") or (key.endswith(b"/manifest") and not key.startswith(b"c/"))


def _load(partition: Partition, records: Mapping[bytes, bytes]) -> tuple[Saved | None, CellStore]:
    newest = cells.newest_epoch(records)
    older = whole.newest_epoch(records)
    for format_read in (_load_cells, _load_whole) if newest >= older else (_load_whole, _load_cells):
        loaded = format_read(partition, records)
        if loaded is not None:
            return loaded
    if max(newest, older) >= 0:
        raise Incomplete(f"no snapshot of partition {partition.number} has all its parts")
    store = CellStore()
    store.expect(records)
    return None, store


def _load_cells(partition: Partition, records: Mapping[bytes, bytes]) -> tuple[Saved, CellStore] | None:
    found = cells.read(records)
    if found is None:
        return None
    partition.load_cells(found.header, found.cells)
    return found.saved, found.store


def _load_whole(partition: Partition, records: Mapping[bytes, bytes]) -> tuple[Saved, CellStore] | None:
    found = whole.read(partition.number, records)
    if found is None:
        return None
    partition.load(found.header, found.items)
    store = CellStore()
    store.expect(records)
    store.write_again(partition.entities())
    manifest = found.manifest
    return Saved(manifest.epoch, manifest.seq, manifest.offset), store
