"""The first format of snapshots: each holds the whole state, cut into parts. Pure.

It is written while replicas of a version that knows no other one are there (``TOCCATA_PROCESSOR_WRITE_VERSION``). Keys: ``<partition>/<epoch>/<slot>/<part>`` and ``<partition>/<epoch>/<slot>/manifest``. Two slots alternate, and a slot's
manifest is written last. So a crash during a snapshot only damages the older one. The key holds the epoch, because a
former owner may still write: it only reaches its own epoch's keys. Readers take the newest snapshot that is complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace

from toccata.runtime.processor.snapshot import Draft, Saved, State

PART_BYTES = 600_000


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What a snapshot is of. It makes the snapshot complete."""

    generation: int
    """Counts the snapshots of an epoch. Its last bit is the slot."""
    parts: int
    epoch: int = 0
    seq: int = 0
    """The last decision that it holds."""
    offset: int = 0
    """The offset in the journal from which records follow it."""
    entities: int = 0
    owed: int = 0
    """Decisions whose messages were not sent yet. They are in the snapshot."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    manifest: Manifest
    header: dict[str, Any]
    items: list[bytes]


def build(
    partition: int, generation: int, header: dict[str, Any], items: Iterable[bytes]
) -> tuple[Manifest, list[tuple[bytes, bytes]]]:
    """Return the manifest, and records (key, value) in the order of writing. The manifest's is the last."""
    listed = list(items)
    blob = msgspec.msgpack.encode({"header": header, "items": listed})
    parts = [blob[start : start + PART_BYTES] for start in range(0, len(blob), PART_BYTES)]
    manifest = Manifest(
        epoch=header["epoch"],
        generation=generation,
        parts=len(parts),
        seq=header["seq"],
        offset=header["next_offset"],
        entities=len(listed),
        owed=len(header.get("owed", ())),
    )
    prefix = _prefix(partition, manifest)
    records = [
        (f"{prefix}/{index}".encode(), generation.to_bytes(8, "big") + part)
        for index, part in enumerate(parts)
    ]
    return manifest, [*records, (f"{prefix}/manifest".encode(), msgspec.json.encode(manifest))]


def newest_epoch(records: Mapping[bytes, bytes]) -> int:
    """Return the highest epoch of a manifest. -1: there is none."""
    return max((manifest.epoch for manifest in _manifests(records)), default=-1)


def read(partition: int, records: Mapping[bytes, bytes]) -> Snapshot | None:
    """Return the newest complete snapshot, from the latest records by key. None: there is none."""
    for manifest in sorted(_manifests(records), key=lambda m: (m.epoch, m.generation), reverse=True):
        blob = _blob(_prefix(partition, manifest), manifest, records)
        if blob is not None:
            content = msgspec.msgpack.decode(blob)
            header = content["header"]
            whole = replace(manifest, seq=header["seq"], offset=header["next_offset"])
            return Snapshot(whole, header, content["items"])
    return None


def _manifests(records: Mapping[bytes, bytes]) -> Iterator[Manifest]:
    for key, value in records.items():
        if key.endswith(b"/manifest") and not key.startswith((b"c/", b"m/")):
            # The first manifests had neither a slot in the key nor an epoch in the value.
            yield replace(msgspec.json.decode(value, type=Manifest), epoch=int(key.split(b"/")[1]))


def _blob(prefix: str, manifest: Manifest, records: Mapping[bytes, bytes]) -> bytes | None:
    blob = bytearray()
    for index in range(manifest.parts):
        part = records.get(f"{prefix}/{index}".encode())
        if part is None or int.from_bytes(part[:8], "big") != manifest.generation:
            return None
        blob += part[8:]
    return bytes(blob)


def _prefix(partition: int, manifest: Manifest) -> str:
    return f"{partition}/{manifest.epoch}/{manifest.generation % 2}"


class WholeStore:
    """Writes snapshots in this format."""

    def __init__(self, keys: Iterable[bytes], before: Saved | None) -> None:
        """``keys`` are all that stand in the topic, in any format. ``before`` is the snapshot among them that was read."""
        self._keys = list(keys)
        self._before = before
        self._drafted: Saved | None = None
        self._generation = 0
        self._needless: list[bytes] = []

    def begin(self, state: State) -> Draft:
        self._generation += 1
        state.take_touched()  # all is written, whatever changed
        manifest, records = build(state.number, self._generation, state.dump(), state.machine.dump())
        self._drafted = Saved(manifest.epoch, manifest.seq, manifest.offset)
        return Draft(self._drafted, records[:-1], records[-1], manifest.entities)

    def complete(self) -> list[bytes]:
        if self._before is not None:
            old = outdated(self._keys, self._before.epoch)
            self._needless += old
            self._keys = [key for key in self._keys if key not in set(old)]
        self._before = self._drafted
        return self._needless

    def removed(self) -> None:
        self._needless = []


def outdated(keys: Iterable[bytes], epoch: int) -> list[bytes]:
    """Return the keys of lower epochs."""
    return [key for key in keys if int(key.split(b"/")[1]) < epoch]
