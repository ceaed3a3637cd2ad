"""A partition's state as parts of a compacted topic.

Two slots alternate; the manifest, written last, names the slot that is whole. A snapshot that was torn by a crash only
touched the other slot. Keys: ``<partition>/<slot>/<part>`` and ``<partition>/manifest``.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from services.runtime.errors import Fatal

PART_BYTES = 600_000


def build(
    partition: int, generation: int, header: dict[str, Any], items: Iterable[bytes]
) -> list[tuple[bytes, bytes]]:
    """Records (key, value) in the order in which they must be written; the manifest is the last."""
    blob = msgspec.msgpack.encode({"header": header, "items": list(items)})
    slot = generation % 2
    parts = [blob[start : start + PART_BYTES] for start in range(0, len(blob), PART_BYTES)]
    records = [
        (f"{partition}/{slot}/{index}".encode(), generation.to_bytes(8, "big") + part)
        for index, part in enumerate(parts)
    ]
    manifest = {"generation": generation, "slot": slot, "parts": len(parts)}
    return [*records, (f"{partition}/manifest".encode(), msgspec.json.encode(manifest))]


def read(partition: int, records: dict[bytes, bytes]) -> tuple[int, dict[str, Any], list[bytes]] | None:
    """(generation, header, items) of the whole snapshot among the latest records by key; None if there is none."""
    raw = records.get(f"{partition}/manifest".encode())
    if raw is None:
        return None
    manifest = msgspec.json.decode(raw)
    generation, slot = manifest["generation"], manifest["slot"]
    blob = bytearray()
    for index in range(manifest["parts"]):
        part = records.get(f"{partition}/{slot}/{index}".encode())
        if part is None or int.from_bytes(part[:8], "big") != generation:
            raise Fatal(f"snapshot {generation} of partition {partition} lacks part {index}")
        blob += part[8:]
    content = msgspec.msgpack.decode(bytes(blob))
    return generation, content["header"], content["items"]
