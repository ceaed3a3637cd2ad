"""A former owner completes the snapshot that it had begun. The next owner, which stands on another one, keeps its cells."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

import pytest

from contracts.codec import encode
from tests.simulation.broken import RemovesAtOnce, TrustsWhatItRead
from tests.simulation.memory import MemoryLog
from tests.simulation.owner import Faults, Kind, Owner
from tests.support.counter import SOURCES, Add, CounterMachine
from toccata.runtime.errors import Damaged
from toccata.runtime.processor.snapshot import Incomplete

CALM = Faults()


class Even(Random):
    """Never chooses a fault, and takes as much as it may."""

    def random(self) -> float:
        return 0.5

    def randint(self, a: int, b: int) -> int:
        return b


class Story:
    def __init__(self, owner: type[Owner]) -> None:
        self.log = MemoryLog(1)
        self.kind = Kind("triggers", SOURCES, lambda _: CounterMachine(), owner=owner)
        self.adds = 0

    def recovered(self) -> Owner:
        return self.interrupted(lambda: None)

    def interrupted(self, meanwhile: Callable[[], None]) -> Owner:
        """Return an owner. ``meanwhile`` happens between its reading and its epoch record."""
        assert self.kind.owner is not None
        owner = self.kind.owner(self.kind, 0, self.log, Even(), [])
        left = [meanwhile]
        owner.meanwhile = lambda: left.pop()() if left else None
        owner.recover()
        return owner

    def add(self, owner: Owner, *names: str) -> None:
        for name in names:
            self.adds += 1
            self.log.append(SOURCES[0].topic, name.encode(), encode(Add(name=name, amount=1)), 0)
        owner.decide(self.adds)
        owner.append(CALM)

    def totals(self) -> dict[str, int]:
        """Return what a new owner has."""
        partition = self.recovered().partition
        assert partition is not None
        assert isinstance(partition.machine, CounterMachine)
        return dict(partition.machine.totals)


def begin(owner: Owner) -> None:
    """Write a snapshot but for its manifest."""
    owner.begin_snapshot(CALM)
    assert owner.saving is not None
    _, records = owner.saving
    while len(records) > 1:
        record = records.popleft()
        assert record is not None
        owner.log.append("triggers.snapshots", *record, 0)


def save(owner: Owner) -> None:
    begin(owner)
    owner.write_snapshot()


def third_owner(owner: type[Owner]) -> tuple[Story, Owner]:
    """Return an owner that saw cells of the one before, and no manifest, so that they are needless to it. Then that one completes its
    snapshot."""
    story = Story(owner)
    first = story.recovered()
    story.add(first, "a", "b", "c")
    save(first)
    second = story.recovered()
    story.add(second, "a")
    begin(second)
    third = story.recovered()
    second.write_snapshot()
    return story, third


def removal_under_the_next_owner(owner: type[Owner]) -> dict[str, int]:
    story, third = third_owner(owner)
    story.add(third, "b")
    begin(third)
    fourth = story.recovered()  # it stands on the snapshot of the second
    third.write_snapshot()
    story.add(fourth, "b")
    save(fourth)
    story.add(fourth, "b")
    save(fourth)
    story.add(fourth, "c")
    save(fourth)
    return story.totals()


def removal_before_the_epoch_record(owner: type[Owner]) -> dict[str, int]:
    story, third = third_owner(owner)

    def meanwhile() -> None:
        """The fourth has read the snapshot of the second. The third completes its own, and begins another one."""
        story.add(third, "b")
        save(third)
        story.add(third, "b")
        begin(third)

    fourth = story.interrupted(meanwhile)
    story.add(fourth, "b")
    save(fourth)
    story.add(fourth, "c")
    save(fourth)
    story.add(fourth, "c")
    save(fourth)
    return story.totals()


def journal_cut_before_the_epoch_record(owner: type[Owner]) -> dict[str, int]:
    story = Story(owner)
    first = story.recovered()
    story.add(first, "a")

    def meanwhile() -> None:
        for _ in range(3):
            story.add(first, "a")
            save(first)

    story.interrupted(meanwhile)
    return story.totals()


def test_what_the_next_owner_stands_on_stays() -> None:
    assert removal_under_the_next_owner(Owner) == {"a": 2, "b": 4, "c": 2}
    assert removal_before_the_epoch_record(Owner) == {"a": 2, "b": 4, "c": 3}
    assert journal_cut_before_the_epoch_record(Owner) == {"a": 4}


@pytest.mark.parametrize(
    ("careless", "story"),
    [(RemovesAtOnce, removal_under_the_next_owner), (TrustsWhatItRead, removal_before_the_epoch_record)],
)
def test_without_either_care_it_would_be_lost(
    careless: type[Owner], story: Callable[[type[Owner]], dict[str, int]]
) -> None:
    with pytest.raises((Damaged, Incomplete)):
        story(careless)
