from __future__ import annotations

import pytest

from toccata.runtime.errors import Fatal
from toccata.runtime.processor import snapshot

ITEMS = [bytes([n]) * 400_000 for n in range(4)]


def test_a_snapshot_of_many_parts_is_read_as_it_was_built() -> None:
    records = dict(snapshot.build(3, 7, {"epoch": 2, "seq": 5}, ITEMS))

    assert snapshot.read(3, records) == ({"epoch": 2, "seq": 5}, ITEMS)


def test_a_torn_snapshot_leaves_the_one_before() -> None:
    records = dict(snapshot.build(3, 7, {"epoch": 2, "seq": 5}, ITEMS))
    records |= dict(snapshot.build(3, 8, {"epoch": 2, "seq": 9}, ITEMS)[:2])

    assert snapshot.read(3, records) == ({"epoch": 2, "seq": 5}, ITEMS)


def test_no_manifest_is_no_snapshot() -> None:
    assert snapshot.read(3, {}) is None


def test_a_manifest_without_its_parts_is_fatal() -> None:
    records = dict(snapshot.build(3, 7, {"epoch": 2, "seq": 5}, ITEMS))
    del records[b"3/2/1/1"]

    with pytest.raises(Fatal, match="has no part 1"):
        snapshot.read(3, records)


def test_a_zombie_of_a_lower_epoch_cannot_replace_it() -> None:
    records = dict(snapshot.build(3, 1, {"epoch": 4, "seq": 90}, ITEMS))
    records |= dict(snapshot.build(3, 9, {"epoch": 2, "seq": 5}, ITEMS))

    assert snapshot.read(3, records) == ({"epoch": 4, "seq": 90}, ITEMS)
    assert set(snapshot.outdated(records, 4)) == {k for k in records if k.startswith(b"3/2/")}
