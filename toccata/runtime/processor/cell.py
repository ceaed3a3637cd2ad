"""Where a cell stands: its place as a number, its keys and its records. Pure.

A key is ``c/<epoch>/<entity>/<slot>/<page>``. A record begins with its generation and with the number of the cell's records. A
cell without content says that its entity is gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from zlib import crc32

PART_BYTES = 600_000
GENERATION_BYTES = 8
HEAD_BYTES = GENERATION_BYTES + 2
GONE = 1
"""The bit of a place whose entity is gone."""


def newest(valid: dict[int, list[tuple[int, int]]], records: Mapping[bytes, bytes]) -> dict[str, int]:
    """Return where each entity's newest cell that counts stands."""
    places: dict[str, int] = {}
    for key, value in records.items():
        if not key.startswith(b"c/") or not key.endswith(b"/0"):
            continue
        epoch_text, rest = key[2:].split(b"/", 1)
        name, slot, _ = rest.rsplit(b"/", 2)
        epoch, generation = int(epoch_text), int.from_bytes(value[:GENERATION_BYTES], "big")
        if not any(first <= generation <= last for first, last in valid.get(epoch, ())):
            continue
        entity = name.decode()
        place = place_of(epoch, generation, int(slot), len(value) == HEAD_BYTES)
        if place > places.get(entity, -1):
            places[entity] = place
    return places


def content_of(
    entity: str,
    place: int,
    records: Mapping[bytes, bytes],
    needed: set[bytes],
) -> bytes | None:
    """Return a cell from its records, and add their keys to ``needed``. None: one is missing, or is of another generation."""
    key = key_of(entity, epoch_of(place), slot_of(place), 0)
    first = records[key]
    needed.add(key)
    count = int.from_bytes(first[GENERATION_BYTES:HEAD_BYTES], "big")
    if count == 1:
        return first[HEAD_BYTES:]
    parts = [first[HEAD_BYTES:]]
    for page in range(1, count):
        key = key_of(entity, epoch_of(place), slot_of(place), page)
        part = records.get(key)
        if part is None or part[:GENERATION_BYTES] != first[:GENERATION_BYTES]:
            return None
        needed.add(key)
        parts.append(part[HEAD_BYTES:])
    return b"".join(parts)


def records_of(entity: str, place: int, content: bytes) -> Iterator[tuple[bytes, bytes]]:
    starts = range(0, max(len(content), 1), PART_BYTES)
    head = generation_of(place).to_bytes(GENERATION_BYTES, "big") + len(starts).to_bytes(2, "big")
    for page, start in enumerate(starts):
        key = key_of(entity, epoch_of(place), slot_of(place), page)
        yield key, head + content[start : start + PART_BYTES]


def key_of(entity: str, epoch: int, slot: int, page: int) -> bytes:
    return f"c/{epoch}/{entity}/{slot}/{page}".encode()


def place_of(epoch: int, generation: int, slot: int, gone: bool) -> int:  # noqa: FBT001 - a part of the number
    return epoch << 40 | generation << 3 | slot << 1 | gone


def epoch_of(place: int) -> int:
    return place >> 40


def generation_of(place: int) -> int:
    return (place >> 3) & (2**37 - 1)


def slot_of(place: int) -> int:
    return (place >> 1) & 3


def sum_of(entity: str, place: int) -> int:
    return crc32(entity.encode(), place & 0xFFFFFFFF) + (place >> 32)
