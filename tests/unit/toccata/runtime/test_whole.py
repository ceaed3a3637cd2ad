from __future__ import annotations

from toccata.runtime.processor import whole
from toccata.runtime.processor.whole import Snapshot

ITEMS = [bytes([n]) * 400_000 for n in range(4)]
FIRST = {"epoch": 2, "seq": 5, "next_offset": 6}
SECOND = {"epoch": 2, "seq": 9, "next_offset": 10}


def records(generation: int, header: dict[str, int]) -> list[tuple[bytes, bytes]]:
    return whole.build(3, generation, header, ITEMS)[1]


def found(written: dict[bytes, bytes]) -> Snapshot:
    newest = whole.read(3, written)
    assert newest is not None
    return newest


def test_a_snapshot_of_many_parts_is_read_as_it_was_built() -> None:
    manifest, written = whole.build(3, 7, FIRST, ITEMS)

    assert found(dict(written)) == Snapshot(manifest, FIRST, ITEMS)
    assert (manifest.seq, manifest.offset, manifest.entities) == (5, 6, 4)


def test_a_torn_snapshot_leaves_the_one_before() -> None:
    written = dict(records(7, FIRST)) | dict(records(8, SECOND)[:2])

    assert found(written).header == FIRST


def test_a_torn_snapshot_over_the_older_slot_leaves_the_newer_one() -> None:
    written = dict(records(7, FIRST)) | dict(records(8, SECOND)) | dict(records(9, SECOND)[:1])

    assert found(written).manifest.generation == 8


def test_a_snapshot_that_lost_a_part_leaves_the_one_before() -> None:
    written = dict(records(7, FIRST)) | dict(records(8, SECOND))
    del written[b"3/2/0/1"]

    assert found(written).header == FIRST


def test_no_manifest_is_no_snapshot() -> None:
    assert whole.read(3, {}) is None


def test_a_manifest_without_its_parts_is_no_snapshot() -> None:
    written = dict(records(7, FIRST))
    del written[b"3/2/1/1"]

    assert whole.read(3, written) is None


def test_a_zombie_of_a_lower_epoch_cannot_replace_it() -> None:
    newest = FIRST | {"epoch": 4, "seq": 90}
    written = dict(records(1, newest)) | dict(records(9, FIRST))

    assert found(written).header == newest
    assert set(whole.outdated(written, 4)) == {k for k in written if k.startswith(b"3/2/")}


def test_a_snapshot_of_the_first_version_is_read() -> None:
    written = dict(records(7, FIRST))
    del written[b"3/2/1/manifest"]
    written[b"3/2/manifest"] = b'{"generation":7,"slot":1,"parts":3}'

    assert found(written).manifest.seq == 5
