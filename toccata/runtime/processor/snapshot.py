"""A partition's state as parts of a compacted topic.

Keys: ``<partition>/<epoch>/<slot>/<part>`` and ``<partition>/<epoch>/<slot>/manifest``. Two slots alternate, and a slot's
manifest is written last. So a crash during a snapshot only damages the older one. The key holds the epoch, because a
former owner may still write: it only reaches its own epoch's keys. Readers take the newest snapshot that is complete.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import replace

PART_BYTES = 600_000


class Incomplete(Exception):
    """There are manifests, but none of them has all its parts."""


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


def read(partition: int, records: Mapping[bytes, bytes]) -> Snapshot | None:
    """Return the newest complete snapshot, from the latest records by key. None if there was never one. Raise Incomplete."""
    manifests = list(_manifests(records))
    for manifest in sorted(manifests, key=lambda m: (m.epoch, m.generation), reverse=True):
        blob = _blob(_prefix(partition, manifest), manifest, records)
        if blob is not None:
            content = msgspec.msgpack.decode(blob)
            header = content["header"]
            whole = replace(manifest, seq=header["seq"], offset=header["next_offset"])
            return Snapshot(whole, header, content["items"])
    if manifests:
        raise Incomplete(f"none of the {len(manifests)} snapshots of partition {partition} has all its parts")
    return None


def _manifests(records: Mapping[bytes, bytes]) -> Iterator[Manifest]:
    for key, value in records.items():
        if key.endswith(b"/manifest"):
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


def outdated(keys: Iterable[bytes], epoch: int) -> list[bytes]:
    """Return the keys of lower epochs."""
    return [key for key in keys if int(key.split(b"/")[1]) < epoch]
