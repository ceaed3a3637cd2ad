"""The logic of one partition: decide, commit, owe, recover."""

from __future__ import annotations

import pytest

from contracts import codec
from tests.support.counter import SOURCES, Add, CounterEvent, CounterMachine
from toccata.runtime.dead_letter import decode_dead_letter
from toccata.runtime.errors import Damaged, Fenced
from toccata.runtime.processor.input import ANEW, Failing, Offered, Position, Source
from toccata.runtime.processor.partition import Partition


class Journal:
    """A journal partition, and an owner on it."""

    def __init__(self) -> None:
        self.values: list[bytes] = []

    def own(self, failing: dict[Position, Failing] | None = None) -> Partition:
        partition = Partition("triggers", 0, CounterMachine(), SOURCES, failing)
        for offset, value in enumerate(self.values):
            partition.replay(offset, value)
        expected, record = partition.begin(1)
        assert expected == len(self.values)
        partition.began(self.append([record]))
        return partition

    def append(self, values: list[bytes]) -> int:
        base = len(self.values)
        self.values.extend(values)
        return base

    def take(self, partition: Partition, *inputs: Offered, now: int = 1_000) -> None:
        partition.committed(self.append(partition.decide(inputs, now)))


def add(offset: int, amount: int = 1, **fields: object) -> Offered:
    return Offered(0, offset, b"n", codec.encode(Add(name="n", amount=amount, **fields)))  # type: ignore[arg-type]


def totals(partition: Partition) -> dict[str, int]:
    assert isinstance(partition.machine, CounterMachine)
    return dict(partition.machine.totals)


def test_recovery_folds_the_journal_to_the_same_state() -> None:
    journal = Journal()
    first = journal.own()
    journal.take(first, add(0, 1), add(1, 2))
    journal.take(first, add(2, 4))

    second = journal.own()

    assert totals(second) == totals(first) == {"n": 7}
    assert second.processed == {0: 2}
    assert second.seq == 3


def test_an_input_seen_before_is_dropped_also_after_recovery() -> None:
    journal = Journal()
    journal.take(journal.own(), add(0, 5))
    partition = journal.own()

    journal.take(partition, add(0, 5))

    assert totals(partition) == {"n": 5}


def test_nothing_leaves_before_the_append_is_acknowledged() -> None:
    journal = Journal()
    partition = journal.own()

    values = partition.decide([add(0)], 1_000)

    assert not partition.owed
    partition.committed(journal.append(values))
    assert [s.topic for s in partition.unsent()[1]] == ["triggers.events", "events"]


def test_what_was_owed_at_the_crash_is_owed_after_recovery() -> None:
    journal = Journal()
    first = journal.own()
    journal.take(first, add(0))
    first.sent(first.unsent()[0])
    journal.take(first, add(1))  # its record has the mark, because the first was sent

    through, sendables = journal.own().unsent()

    assert through == 2
    assert [s.value for s in sendables] == [s.value for s in first.unsent()[1]]


def test_a_batch_that_lands_elsewhere_steps_down() -> None:
    journal = Journal()
    partition = journal.own()
    values = partition.decide([add(0)], 1_000)
    journal.own()  # another owner begins

    with pytest.raises(Fenced):
        partition.committed(journal.append(values))


def test_records_of_a_zombie_change_nothing() -> None:
    journal = Journal()
    zombie = journal.own()
    values = zombie.decide([add(0, 100)], 1_000)
    owner = journal.own()
    journal.append(values)  # lands after the new epoch

    reader = journal.own()

    assert totals(reader) == totals(owner) == {}
    journal.take(reader, add(0, 1))
    assert totals(journal.own()) == {"n": 1}


def test_two_owners_cannot_begin_the_same_epoch() -> None:
    journal = Journal()
    one, two = (Partition("triggers", 0, CounterMachine(), SOURCES) for _ in range(2))
    _, record_one = one.begin(1)
    _, record_two = two.begin(2)

    one.began(journal.append([record_one]))
    with pytest.raises(Fenced):
        two.began(journal.append([record_two]))


def test_what_the_owner_appended_before_a_late_epoch_record_is_valid_for_its_writer_too() -> None:
    journal = Journal()
    owner = journal.own()
    journal.take(owner, add(0, 1))
    contender = Partition("triggers", 0, CounterMachine(), SOURCES)
    for offset, value in enumerate(journal.values):
        contender.replay(offset, value)
    expected, record = contender.begin(2)
    journal.take(owner, add(1, 2))  # while the other owner's epoch record is on its way
    landed = journal.append([record])
    with pytest.raises(Fenced):
        contender.began(landed)

    for offset in range(expected, len(journal.values)):
        contender.replay(offset, journal.values[offset])
    _, record = contender.begin(3)
    contender.began(journal.append([record]))

    assert totals(contender) == totals(owner) == {"n": 3}
    assert contender.processed == {0: 1}
    journal.take(contender, add(2, 4))
    assert totals(journal.own()) == {"n": 7}


def test_a_timer_fires_once_at_its_time_and_survives_recovery() -> None:
    journal = Journal()
    journal.take(journal.own(), add(0, 3, later_ms=500), now=1_000)
    partition = journal.own()

    assert partition.next_due() == 1_500
    journal.take(partition, now=1_499)
    assert totals(partition) == {}
    journal.take(partition, now=1_500)
    assert totals(partition) == {"n": 3}
    assert partition.next_due() is None
    assert journal.own().next_due() is None


def test_overdue_timers_fire_in_due_order() -> None:
    journal = Journal()
    journal.take(journal.own(), add(0, 2, later_ms=900), add(1, 1, later_ms=300), now=1_000)
    partition = journal.own()

    journal.take(partition, now=60_000)

    amounts = [s.value for s in partition.unsent()[1] if s.topic == "events"]
    assert [b'"amount":1' in a for a in amounts] == [True, False]


def test_time_never_goes_backwards() -> None:
    journal = Journal()
    partition = journal.own()
    journal.take(partition, add(0), now=5_000)

    journal.take(partition, add(1), now=4_000)

    assert partition.at == 5_000


def test_time_that_a_wrong_clock_put_days_ahead_is_corrected_also_after_recovery() -> None:
    """Every start was refused as too old until the clock had caught up."""
    journal = Journal()
    partition = journal.own()
    journal.take(partition, add(0), now=10_000_000 + 48 * 3_600_000)

    journal.take(partition, add(1), now=10_000_000)

    assert partition.at == journal.own().at == 10_000_000


def test_garbage_goes_to_the_dead_letters_and_the_next_input_is_decided() -> None:
    journal = Journal()
    partition = journal.own()

    journal.take(
        partition,
        Offered(0, 0, b"k", b"{not json"),
        Offered(0, 1, b"k", b'{"type":"test.add.v9"}'),
        add(2, 4),
    )

    dead = [decode_dead_letter(s.value) for s in partition.unsent()[1] if s.topic == "dead"]
    assert [(d.topic, d.partition, d.offset) for d in dead] == [
        ("triggers.commands", 0, 0),
        ("triggers.commands", 0, 1),
    ]
    assert "test.add.v9" in dead[1].reason
    assert totals(partition) == {"n": 4}


def test_an_input_that_raises_is_failed_after_a_rebuild_and_the_next_ones_are_decided() -> None:
    journal = Journal()
    partition = journal.own()

    values = partition.decide([add(0, 1), add(1, explode=True), add(2, 2)], 1_000)
    partition.committed(journal.append(values))

    assert partition.raised is not None
    rebuilt = journal.own({partition.raised.input: partition.raised.failing})
    journal.take(rebuilt, add(1, explode=True), add(2, 2))
    assert isinstance(rebuilt.machine, CounterMachine)
    assert rebuilt.machine.failures == ["n"]
    assert totals(rebuilt) == {"n": 3}


def test_a_gap_in_the_journal_stops_the_partition() -> None:
    journal = Journal()
    partition = journal.own()
    journal.take(partition, add(0), add(1))
    reader = Partition("triggers", 0, CounterMachine(), SOURCES)

    reader.replay(0, journal.values[0])

    with pytest.raises(Damaged, match=r"triggers/0: its journal jumps from decision 0 to 1 at offset 2"):
        reader.replay(2, journal.values[2])


def test_a_journal_whose_decisions_are_gone_but_not_its_marks_stops_the_partition() -> None:
    journal = Journal()
    partition = journal.own()
    journal.take(partition, add(0))
    reader = Partition("triggers", 0, CounterMachine(), SOURCES)

    with pytest.raises(Damaged, match="jumps"):
        reader.replay(2, partition.mark_record())


@pytest.mark.parametrize(("begin", "end"), [(7, 7), (0, 4)])
def test_an_expired_journal_is_not_an_empty_state(begin: int, end: int) -> None:
    """Retention removed it all, or the topic was made anew."""
    restored = Partition("triggers", 0, CounterMachine(), SOURCES)
    restored.next_offset = 5

    with pytest.raises(Damaged):
        restored.survey(begin, end)


def test_what_expired_without_a_decision_is_no_loss() -> None:
    journal = Journal()
    journal.own()
    journal.own()
    reader = Partition("triggers", 0, CounterMachine(), SOURCES)

    assert reader.survey(1, 2) == 1
    reader.replay(1, journal.values[1])
    assert reader.epoch == 2


def test_an_event_that_cannot_be_applied_stops_the_partition() -> None:
    class Broken(CounterMachine):
        def evolve(self, event: CounterEvent) -> None:
            raise KeyError("gone")

    journal = Journal()
    journal.take(journal.own(), add(0))
    reader = Partition("triggers", 0, Broken(), SOURCES)
    reader.replay(0, journal.values[0])

    with pytest.raises(Damaged, match="offset 1 cannot be applied"):
        reader.replay(1, journal.values[1])


def test_an_operator_accepts_a_loss_and_no_number_is_used_twice() -> None:
    journal = Journal()
    journal.take(journal.own(), add(0, 1), add(1, 2), add(2, 4))
    reader = Partition("triggers", 0, CounterMachine(), SOURCES)
    reader.accepted = frozenset({3})

    reader.replay(3, journal.values[3])
    reader.leave_gap()

    assert totals(reader) == {"n": 7}
    assert reader.seq > 1_000_000
    assert "jumps from decision 0 to 2 at offset 3" in reader.damage[0]


def test_a_snapshot_while_records_are_owed_still_owes_them() -> None:
    journal = Journal()
    partition = journal.own()
    journal.take(partition, add(0, 1), add(1, 2))

    restored = Partition("triggers", 0, CounterMachine(), SOURCES)
    restored.load(partition.dump(), list(partition.machine.dump()))

    assert restored.unsent() == partition.unsent()
    assert restored.unsent()[1] != []


def test_positions_are_stored_by_name_so_another_order_of_sources_reads_them() -> None:
    journal = Journal()
    partition = journal.own()
    journal.take(partition, add(4))
    other = Source("events", SOURCES[0].codec)
    moved = Partition("triggers", 0, CounterMachine(), [other, *SOURCES])
    for offset, value in enumerate(journal.values):
        moved.replay(offset, value)
    loaded = Partition("triggers", 0, CounterMachine(), [other, *SOURCES])
    loaded.load(partition.dump(), list(partition.machine.dump()))

    assert moved.processed == loaded.processed == {1: 4}
    without = Partition("triggers", 0, CounterMachine(), [other])
    without.load(partition.dump(), [])
    assert without.processed == {}
    assert ("triggers.commands", 4) in without.dump()["processed"]


def test_an_input_topic_that_was_made_anew_is_not_taken_for_duplicates() -> None:
    journal = Journal()
    partition = journal.own()
    journal.take(partition, add(1_000, 1))

    journal.take(partition, Offered(0, ANEW, None, None), add(0, 2))

    assert totals(partition) == totals(journal.own()) == {"n": 3}
    assert journal.own().processed == {0: 0}


def test_a_batch_of_large_records_is_appended_in_pieces() -> None:
    journal = Journal()
    partition = journal.own()
    large = [Offered(0, n, b"n", codec.encode(Add(name="n" * 300_000, amount=1))) for n in range(40)]

    first = partition.decide(large, 1_000)
    waiting = partition.waiting
    partition.committed(journal.append(first))
    while partition.waiting:
        journal.take(partition)

    assert 0 < waiting < 40
    assert partition.processed == {0: 39}


def test_nothing_more_is_decided_while_many_bytes_are_owed() -> None:
    journal = Journal()
    partition = journal.own()
    for n in range(60):
        journal.take(partition, Offered(0, n, b"n", codec.encode(Add(name="n" * 200_000, amount=1))))
    assert partition.overdrawn

    while partition.owed:
        partition.sent(partition.unsent()[0])

    assert not partition.overdrawn


def test_a_snapshot_and_the_rest_of_the_journal_give_the_same_state() -> None:
    journal = Journal()
    partition = journal.own()
    journal.take(partition, add(0, 1), add(1, 9, later_ms=700))
    partition.sent(partition.unsent()[0])
    header, items = partition.dump(), list(partition.machine.dump())
    journal.take(partition, add(2, 5))

    restored = Partition("triggers", 0, CounterMachine(), SOURCES)
    restored.load(header, items)
    for offset in range(restored.next_offset, len(journal.values)):
        restored.replay(offset, journal.values[offset])

    assert totals(restored) == {"n": 6}
    assert restored.next_due() == 1_700
    assert restored.seq == partition.seq
