"""A partition's state as parts of a compacted topic.

Keys: ``<partition>/<epoch>/<slot>/<part>`` and ``<partition>/<epoch>/manifest``. Two slots alternate. The manifest is written
last and names the complete slot, so a crash during a snapshot only damages the other slot. The key holds the epoch, because
a former owner may still write: it only reaches its own epoch's keys. Readers take the highest epoch that has a manifest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from toccata.runtime.errors import Fatal

PART_BYTES = 600_000


def build(
    partition: int, generation: int, header: dict[str, Any], items: Iterable[bytes]
) -> list[tuple[bytes, bytes]]:
    """Return records (key, value) in the order of writing. The manifest is the last. ``header`` has the epoch."""
    blob = msgspec.msgpack.encode({"header": header, "items": list(items)})
    slot, prefix = generation % 2, f"{partition}/{header['epoch']}"
    parts = [blob[start : start + PART_BYTES] for start in range(0, len(blob), PART_BYTES)]
    records = [
        (f"{prefix}/{slot}/{index}".encode(), generation.to_bytes(8, "big") + part)
        for index, part in enumerate(parts)
    ]
    manifest = {"generation": generation, "slot": slot, "parts": len(parts)}
    return [*records, (f"{prefix}/manifest".encode(), msgspec.json.encode(manifest))]


def read(partition: int, records: Mapping[bytes, bytes]) -> tuple[dict[str, Any], list[bytes]] | None:
    """Return (header, items) of the newest complete snapshot, from the latest records by key. None if there is none."""
    epochs = [int(key.split(b"/")[1]) for key in records if key.endswith(b"/manifest")]
    if not epochs:
        return None
    prefix = f"{partition}/{max(epochs)}"
    manifest = msgspec.json.decode(records[f"{prefix}/manifest".encode()])
    generation, slot = manifest["generation"], manifest["slot"]
    blob = bytearray()
    for index in range(manifest["parts"]):
        part = records.get(f"{prefix}/{slot}/{index}".encode())
        if part is None or int.from_bytes(part[:8], "big") != generation:
            raise Fatal(f"snapshot {generation} of partition {prefix} has no part {index}")
        blob += part[8:]
    content = msgspec.msgpack.decode(bytes(blob))
    return content["header"], content["items"]


def outdated(records: Iterable[bytes], epoch: int) -> list[bytes]:
    """Return the keys of lower epochs. They can be removed once a snapshot of ``epoch`` is complete."""
    return [key for key in records if int(key.split(b"/")[1]) < epoch]
