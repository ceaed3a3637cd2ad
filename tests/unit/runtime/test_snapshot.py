from __future__ import annotations

import pytest

from services.runtime.errors import Fatal
from services.runtime.processor import snapshot

ITEMS = [bytes([n]) * 400_000 for n in range(4)]


def test_a_snapshot_of_many_parts_is_read_as_it_was_built() -> None:
    records = dict(snapshot.build(3, 7, {"seq": 5}, ITEMS))

    assert snapshot.read(3, records) == (7, {"seq": 5}, ITEMS)


def test_a_torn_snapshot_leaves_the_one_before() -> None:
    records = dict(snapshot.build(3, 7, {"seq": 5}, ITEMS))
    records |= dict(snapshot.build(3, 8, {"seq": 9}, ITEMS)[:2])

    assert snapshot.read(3, records) == (7, {"seq": 5}, ITEMS)


def test_no_manifest_is_no_snapshot() -> None:
    assert snapshot.read(3, {}) is None


def test_a_manifest_without_its_parts_is_fatal() -> None:
    records = dict(snapshot.build(3, 7, {"seq": 5}, ITEMS))
    del records[b"3/1/1"]

    with pytest.raises(Fatal, match="lacks part 1"):
        snapshot.read(3, records)
