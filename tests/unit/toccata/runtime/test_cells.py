"""Snapshots of what changed: what is written, what a crash leaves, and what is removed."""

from __future__ import annotations

import pytest

from tests.support.counter import SOURCES, Add, CounterMachine
from toccata.runtime.processor import whole
from toccata.runtime.processor.partition import Partition
from toccata.runtime.processor.restore import CELLS, WHOLE, restore
from toccata.runtime.processor.snapshot import Incomplete, Store


class Topic:
    """The compacted topic, and an owner that writes to it."""

    def __init__(self) -> None:
        self.records: dict[bytes, bytes] = {}
        self.written: list[bytes] = []
        self.own(1)

    def own(self, epoch: int, write_version: int = CELLS) -> None:
        """Recover as the owner of this epoch."""
        self.partition = Partition("triggers", 0, CounterMachine(), SOURCES)
        self.store: Store
        _, self.store = restore(self.partition, self.records, write_version)
        self.partition.epoch = epoch

    def add(self, *names: str) -> None:
        for name in names:
            for event in self.partition.machine.step(Add(name=name, amount=1), 0).events:
                assert event
            self.partition.seq += 1

    def remove(self, name: str) -> None:
        machine = self.partition.machine
        assert isinstance(machine, CounterMachine)
        del machine.totals[name]
        machine.touched[name] = None

    def save(self, records: int | None = None) -> None:
        """Take a snapshot. With ``records``: it is cut off after so many."""
        draft = self.store.begin(self.partition)
        wanted = [*draft.records, draft.last][:records]
        self.written = [key for key, _ in wanted]
        self.records.update(wanted)
        if records is None:
            for key in self.store.complete():
                self.records.pop(key, None)
            self.store.removed()

    def totals(self) -> dict[str, int]:
        """Return what a new owner reads."""
        partition = Partition("triggers", 0, CounterMachine(), SOURCES)
        restore(partition, self.records)
        assert isinstance(partition.machine, CounterMachine)
        return dict(partition.machine.totals)


def test_only_what_changed_is_written() -> None:
    topic = Topic()
    topic.add(*(f"n{number}" for number in range(1_000)))
    topic.save()
    assert len(topic.written) == 1_000 + 2, "with the header and the manifest"

    topic.add("n7", "n8")
    topic.save()

    assert len(topic.written) == 2 + 2
    assert topic.totals()["n7"] == 2
    assert len(topic.totals()) == 1_000


def test_a_snapshot_that_is_cut_off_anywhere_leaves_the_one_before() -> None:
    for cut in range(5):
        topic = Topic()
        topic.add("a", "b", "c")
        topic.save()
        before = topic.totals()

        topic.add("a", "b", "d")
        topic.remove("c")
        topic.save(cut)

        assert topic.totals() == before, f"cut after {cut} records"


def test_a_snapshot_is_tried_again_after_it_was_cut_off() -> None:
    topic = Topic()
    topic.add("a", "b", "brief")
    topic.save(4)
    topic.remove("brief")
    topic.add("b")

    topic.save()

    assert topic.totals() == {"a": 1, "b": 2}, (
        "what was written, but went before it was complete, does not come back"
    )


@pytest.mark.parametrize("saves", [1, 2, 3, 7])
def test_a_lost_cell_leaves_the_snapshot_before(saves: int) -> None:
    topic = Topic()
    for _ in range(saves):
        topic.add("a", "b")
        topic.save()
    topic.add("a")
    topic.save()

    (lost,) = [key for key in topic.written if b"/a/" in key]
    del topic.records[lost]

    assert topic.totals() == {"a": saves, "b": saves}


def test_snapshots_without_their_cells_are_refused() -> None:
    topic = Topic()
    topic.add("a")
    topic.save()
    del topic.records[topic.written[0]]

    with pytest.raises(Incomplete):
        topic.totals()


def test_what_is_gone_is_removed_two_snapshots_later() -> None:
    topic = Topic()
    topic.add("a", "b")
    for _ in range(3):
        topic.add("a")
        topic.save()
    assert any(b"/a/" in key for key in topic.records)

    topic.remove("a")
    topic.save()
    assert topic.totals() == {"b": 1}
    topic.add("b")
    topic.save()

    assert not any(b"/a/" in key for key in topic.records)
    assert topic.totals() == {"b": 2}


def test_what_comes_back_before_its_removal_stays() -> None:
    topic = Topic()
    topic.add("a", "b")
    topic.save()
    topic.remove("a")
    topic.save()
    topic.add("b")
    draft = topic.store.begin(topic.partition)
    topic.records.update([*draft.records, draft.last])
    topic.store.complete()  # the removal is not acknowledged

    topic.add("a")
    topic.save()
    topic.save()

    assert topic.totals() == {"a": 1, "b": 2}


def test_a_former_owner_changes_nothing() -> None:
    topic = Topic()
    topic.add("a", "b")
    topic.save()
    former_partition, former_store = topic.partition, topic.store
    topic.own(2)
    topic.add("a")
    topic.save()
    former_partition.machine.step(Add(name="b", amount=50), 0)
    draft = former_store.begin(former_partition)
    topic.records.update([*draft.records, draft.last])

    assert topic.totals() == {"a": 2, "b": 1}
    topic.own(3)
    topic.add("c")
    topic.save()
    assert topic.totals() == {"a": 2, "b": 1, "c": 1}
    assert len(topic.written) == 1 + 2, "cells of former owners are written again only when they change"


def test_keys_of_former_owners_are_removed() -> None:
    topic = Topic()
    for epoch in range(1, 30):
        topic.own(epoch)
        topic.add("a")
        for _ in range(3):
            topic.add("b")
            topic.save()

    assert topic.totals() == {"a": 29, "b": 87}
    assert len(topic.records) < 20


def test_a_cell_may_need_several_records() -> None:
    topic = Topic()
    topic.add("n" * 700_000, "a")
    topic.save()
    assert len(topic.written) > 4
    topic.add("n" * 700_000)
    topic.save()
    assert topic.totals() == {"n" * 700_000: 2, "a": 1}

    del topic.records[next(key for key in topic.written if key.endswith(b"/1"))]

    assert topic.totals() == {"n" * 700_000: 1, "a": 1}


def test_a_snapshot_in_the_first_format_is_read_and_followed_by_cells() -> None:
    topic = Topic()
    topic.own(1, WHOLE)
    topic.add("a", "b")
    topic.save()
    assert whole.newest_epoch(topic.records) == 1
    assert topic.totals() == {"a": 1, "b": 1}

    topic.own(2)
    topic.add("a")
    topic.save(2)
    assert topic.totals() == {"a": 1, "b": 1}
    topic.save()
    assert topic.totals() == {"a": 2, "b": 1}
    topic.save()

    assert whole.newest_epoch(topic.records) == -1, "it is removed"
    assert topic.totals() == {"a": 2, "b": 1}


def test_the_first_format_is_written_again_for_an_older_version() -> None:
    topic = Topic()
    topic.add("a")
    topic.save()
    topic.own(2, WHOLE)
    topic.add("a", "b")
    topic.save()
    assert topic.totals() == {"a": 2, "b": 1}

    topic.save()

    assert not any(key.startswith((b"c/", b"m/")) for key in topic.records)
    assert topic.totals() == {"a": 2, "b": 1}


def test_the_manifest_does_not_name_every_owner_there_ever_was() -> None:
    topic = Topic()
    for epoch in range(1, 150):
        topic.own(epoch)
        topic.add(f"n{epoch}")
        topic.save()

    (_, manifest) = max((len(value), value) for key, value in topic.records.items() if key.startswith(b"m/"))
    assert len(manifest) < 3_000
    assert len(topic.totals()) == 149
