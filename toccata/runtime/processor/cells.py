"""A partition's state as one *cell* for each entity, in a compacted topic. Pure.

Theory of operation. A snapshot writes only the cells of entities that changed since the last one, then a manifest. A crash in
between must not harm what was there, and compaction keeps only the last record of a key. So an entity has three slots, used in
turn: while a snapshot is being written, the cells that the last two complete ones need stay untouched. The key also holds the
epoch of its writer, because a former owner may still write: it only reaches keys of its own epoch.

A manifest says which *generations* of which epochs count. Cells of a snapshot that was never completed, or that a former owner
wrote later, belong to none of them. Of an entity's cells that count, the newest is its state. An entity that is gone gets an
empty cell; two snapshots later all its keys are removed. The manifest also holds a count and a sum over all cells, so a reader
sees whether any is missing, and then takes the manifest before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from toccata.runtime.processor.cell import (
    GONE,
    PART_BYTES,
    content_of,
    epoch_of,
    key_of,
    newest,
    place_of,
    records_of,
    slot_of,
    sum_of,
)
from toccata.runtime.processor.snapshot import Draft, Saved, State

HEADER = ""
"""The entity of what belongs to the partition itself."""
_SLOTS = 3
_MOST_EPOCHS = 100
"""How many epochs of owners may have cells before the oldest ones are written again."""
_MASK = 2**64 - 1


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What makes a snapshot complete."""

    epoch: int
    generation: int
    """Counts an owner's tries to take a snapshot, from 1."""
    seq: int
    """The last decision that it holds."""
    offset: int
    """The offset in the journal from which records follow it."""
    cells: int
    """The number of entities, with the header."""
    digest: int
    """The sum over their places."""
    valid: dict[int, list[tuple[int, int]]]
    """By epoch, the first and the last of each row of generations whose cells count."""


@dataclass(frozen=True, slots=True)
class Found:
    """A complete snapshot."""

    saved: Saved
    header: dict[str, Any]
    cells: list[tuple[str, bytes]]
    """Of all entities but the header."""
    store: CellStore


@dataclass(frozen=True, slots=True)
class _Written:
    manifest: Manifest
    places: dict[str, int]
    pages: dict[str, int]


class CellStore:
    """Where the present cell of each entity stands, and which keys are not needed any more."""

    def __init__(self) -> None:
        self._places: dict[str, int] = {}
        """By entity: epoch, generation, slot, and whether it is gone, in one number. (There may be a million.)"""
        self._pages: dict[str, int] = {}
        """The most records of an entity's cell, where they are more than one."""
        self._valid: dict[int, list[tuple[int, int]]] = {}
        self._in_epoch: dict[int, int] = {}
        self._cells = self._digest = self._generation = 0
        self._unsaved: dict[str, None] = {}
        """Entities that changed since the last complete snapshot, and those that an incomplete one wrote."""
        self._tried: set[str] = set()
        self._leaving: list[bytes] = []
        """Keys that the last complete snapshot does not need, but the one before it does."""
        self._gone: list[str] = []
        """Likewise, entities that are gone."""
        self._arriving: list[bytes] = []
        """Keys that will be among ``_leaving`` after the next complete snapshot."""
        self._needless: list[bytes] = []
        """Keys whose removal is not acknowledged yet."""
        self._forgotten: list[str] = []
        """Likewise, entities all of whose keys are among them."""
        self._manifest_slot = 0
        self._written: _Written | None = None

    def begin(self, state: State) -> Draft:
        """Write down what changed."""
        header = state.header()
        self._generation += 1
        self._unsaved.update(dict.fromkeys(state.take_touched()))
        self._unsaved[HEADER] = None
        places: dict[str, int] = {}
        pages: dict[str, int] = {}
        records: list[tuple[bytes, bytes]] = []
        for entity in self._unsaved:
            content = msgspec.msgpack.encode(header) if entity == HEADER else state.cell(entity)
            before = self._places.get(entity)
            if not content and entity not in self._tried and (before is None or before & GONE):
                continue
            slot = self._slot(before, header["epoch"])
            places[entity] = place = place_of(header["epoch"], self._generation, slot, not content)
            written = list(records_of(entity, place, content))
            pages[entity] = len(written)
            records += written
        self._tried.update(places)
        self._keep(records)
        manifest = self._manifest(header, places)
        self._written = _Written(manifest, places, pages)
        # Not over the last complete manifest, even if ours lands while we believe that it does not.
        last = (f"m/{manifest.epoch}/{self._manifest_slot}".encode(), msgspec.json.encode(manifest))
        return Draft(_saved(manifest), records, last, manifest.cells)

    def _keep(self, records: list[tuple[bytes, bytes]]) -> None:
        """What is written anew must not be removed any more."""
        if self._needless:
            keys = {key for key, _ in records}
            self._needless = [key for key in self._needless if key not in keys]

    def _slot(self, before: int | None, epoch: int) -> int:
        return 0 if before is None or epoch_of(before) != epoch else (slot_of(before) + 1) % _SLOTS

    def _manifest(self, header: dict[str, Any], places: dict[str, int]) -> Manifest:
        epoch, generation = header["epoch"], self._generation
        cells, digest = self._cells, self._digest
        for entity, place in places.items():
            before = self._places.get(entity)
            if before is not None and not before & GONE:
                cells, digest = cells - 1, digest - sum_of(entity, before)
            if not place & GONE:
                cells, digest = cells + 1, digest + sum_of(entity, place)
        valid = {**self._valid, epoch: _extended(self._valid.get(epoch, []), generation)}
        return Manifest(
            epoch=epoch,
            generation=generation,
            seq=header["seq"],
            offset=header["next_offset"],
            cells=cells,
            digest=digest & _MASK,
            valid=valid,
        )

    def complete(self) -> list[bytes]:
        """The draft is acknowledged. Return keys that neither it nor the snapshot before it needs."""
        assert self._written is not None
        written, self._written = self._written, None
        manifest = written.manifest
        self._needless += self._leaving
        self._leaving, self._arriving = self._arriving, []
        for entity in self._gone:
            if self._places[entity] & GONE and entity not in written.places:
                self._needless += self._keys(entity, self._places[entity])
                self._forgotten.append(entity)
        self._gone = []
        self._cells, self._digest = manifest.cells, manifest.digest
        for entity, place in written.places.items():
            self._move(entity, place, written.pages[entity])
        self._unsaved, self._tried = {}, set()
        self._manifest_slot = 1 - self._manifest_slot
        self._valid = {
            epoch: rows
            for epoch, rows in manifest.valid.items()
            if epoch == manifest.epoch or self._in_epoch.get(epoch)
        }
        return self._needless

    def _move(self, entity: str, place: int, records: int) -> None:
        before = self._places.get(entity)
        if before is not None:
            self._leave_epoch(before)
            if epoch_of(before) != epoch_of(place):
                # Recovery saw to all its other keys in that epoch.
                pages = range(self._pages.get(entity, 1))
                self._leaving += [key_of(entity, epoch_of(before), slot_of(before), page) for page in pages]
        self._places[entity] = place
        self._in_epoch[epoch_of(place)] = self._in_epoch.get(epoch_of(place), 0) + 1
        if records > 1 or entity in self._pages:
            self._pages[entity] = max(records, self._pages.get(entity, 1))
        if place & GONE:
            self._gone.append(entity)

    def _leave_epoch(self, place: int) -> None:
        self._in_epoch[epoch_of(place)] -= 1

    def _keys(self, entity: str, place: int) -> list[bytes]:
        """Return all keys that an entity may have in the epoch of its place, with the present slot's as the last ones."""
        slots = [(slot_of(place) + offset) % _SLOTS for offset in range(1, _SLOTS + 1)]
        pages = range(self._pages.get(entity, 1))
        return [key_of(entity, epoch_of(place), slot, page) for slot in slots for page in pages]

    def removed(self) -> None:
        """The removal of these keys is acknowledged. Until then :meth:`complete` returns them again."""
        for entity in self._forgotten:
            if self._places[entity] & GONE:
                self._leave_epoch(self._places.pop(entity))
                self._pages.pop(entity, None)
        self._needless, self._forgotten = [], []

    def expect(self, keys: Iterable[bytes]) -> None:
        """These keys stand in the topic, and the next two snapshots make them needless."""
        self._arriving += keys

    def write_again(self, entities: Iterable[str]) -> None:
        """Write these entities with the next snapshot, even if they do not change."""
        self._unsaved.update(dict.fromkeys(entities))

    def _of_old_epochs(self) -> list[str]:
        """Return the entities whose cells are the oldest, if there are cells of very many epochs. A manifest names each epoch."""
        old = set(sorted(self._in_epoch)[:-_MOST_EPOCHS])
        return [entity for entity, place in self._places.items() if epoch_of(place) in old] if old else []

    def load(self, manifest: Manifest, records: Mapping[bytes, bytes]) -> Found | None:
        """Take over where the cells of a complete snapshot stand. None: one of them is missing."""
        needed = {key for key in records if key.startswith(b"m/")}
        header: dict[str, Any] | None = None
        cells: list[tuple[str, bytes]] = []
        self._places = newest(manifest.valid, records)
        for entity, place in self._places.items():
            content = content_of(entity, place, records, needed)
            if content is None:
                return None
            self._note(entity, place, content)
            if entity == HEADER:
                header = msgspec.msgpack.decode(content)
            elif content:
                cells.append((entity, content))
        if header is None or (self._cells, self._digest & _MASK) != (manifest.cells, manifest.digest):
            return None
        self._valid = {epoch: rows for epoch, rows in manifest.valid.items() if epoch in self._in_epoch}
        self._leaving = [key for key in records if key not in needed]
        self.expect(key for key in records if key.startswith(b"m/"))
        self.write_again(self._of_old_epochs())
        return Found(_saved(manifest), header, cells, self)

    def _note(self, entity: str, place: int, content: bytes) -> None:
        self._in_epoch[epoch_of(place)] = self._in_epoch.get(epoch_of(place), 0) + 1
        if len(content) > PART_BYTES:
            self._pages[entity] = -(-len(content) // PART_BYTES)
        if place & GONE:
            self._gone.append(entity)
        else:
            self._cells, self._digest = self._cells + 1, self._digest + sum_of(entity, place)


def newest_epoch(records: Mapping[bytes, bytes]) -> int:
    """Return the highest epoch of a manifest. -1: there is none."""
    return max((manifest.epoch for manifest in _manifests(records)), default=-1)


def read(records: Mapping[bytes, bytes]) -> Found | None:
    """Return the newest snapshot that has all its cells, from the latest records by key. None: there is none."""
    for manifest in sorted(_manifests(records), key=lambda each: (each.epoch, each.generation), reverse=True):
        found = CellStore().load(manifest, records)
        if found is not None:
            return found
    return None


def _manifests(records: Mapping[bytes, bytes]) -> Iterator[Manifest]:
    return (
        msgspec.json.decode(value, type=Manifest) for key, value in records.items() if key.startswith(b"m/")
    )


def _extended(rows: list[tuple[int, int]], generation: int) -> list[tuple[int, int]]:
    if rows and rows[-1][1] == generation - 1:
        return [*rows[:-1], (rows[-1][0], generation)]
    return [*rows, (generation, generation)]


def _saved(manifest: Manifest) -> Saved:
    return Saved(manifest.epoch, manifest.seq, manifest.offset)
