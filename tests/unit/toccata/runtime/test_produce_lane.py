"""The batches of one partition: what joins, what is repeated, what fails together."""

from __future__ import annotations

import pytest
from aiokafka.record.memory_records import MemoryRecords

from toccata.runtime.errors import Transient
from toccata.runtime.produce_lane import Identity, Lane, Record

DEADLINE = 10.0


def lane() -> Lane:
    made = Lane("t", 0, None)
    made.begin(Identity(77, 0))
    return made


def batch_of(data: bytes) -> tuple[int, int, list[bytes | None]]:
    """Return producer id, first sequence number, and the values."""
    batch = MemoryRecords(data).next_batch()
    return batch.producer_id, batch.base_sequence, [record.value for record in batch]


async def test_records_join_the_batch_that_waits_and_not_the_one_that_left() -> None:
    one = lane()
    first = one.add(Record(None, b"1"), DEADLINE)
    assert one.add(Record(None, b"2"), DEADLINE) is first
    assert batch_of(one.take()) == (77, 0, [b"1", b"2"])
    second = one.add(Record(None, b"3"), DEADLINE)
    assert second is not first
    one.landed(40)

    assert first.acknowledged.result() == 40
    assert batch_of(one.take()) == (77, 2, [b"3"])


async def test_nothing_joins_an_append_of_its_own() -> None:
    one = lane()
    (alone,) = one.add_alone([Record(None, b"1"), Record(None, b"2")], DEADLINE)
    (other,) = one.add_alone([Record(None, b"3")], DEADLINE)
    assert (alone.count, other.count) == (2, 1)


async def test_a_repetition_sends_the_same_bytes() -> None:
    one = lane()
    one.add(Record(None, b"1"), DEADLINE)
    sent = one.take()
    one.try_again(1.0, "no answer")
    assert one.retry_at > 1.0
    assert one.take() == sent


async def test_past_its_deadline_a_batch_fails_with_those_behind_it_and_the_next_has_a_new_identity() -> None:
    one = lane()
    first = one.add(Record(None, b"1"), DEADLINE)
    one.take()
    second = one.add(Record(None, b"2"), DEADLINE + 5)
    one.try_again(DEADLINE, "no answer")

    for batch in (first, second):
        with pytest.raises(Transient, match="t/0"):
            batch.acknowledged.result()
    assert not one
    assert (one.identity, one.failed) == (None, True)
    one.begin(Identity(78, 0))
    one.add(Record(None, b"3"), DEADLINE)
    assert batch_of(one.take()) == (78, 0, [b"3"])


async def test_a_batch_that_never_left_costs_no_identity() -> None:
    one = lane()
    one.add(Record(None, b"1"), DEADLINE)
    one.fail(DEADLINE, "it waited too long")
    assert (one.identity, one.failed) == (Identity(77, 0), False)


@pytest.mark.parametrize(("size", "compressed"), [(1_000, False), (10_000, True)])
async def test_only_batches_that_are_worth_it_are_compressed(size: int, compressed: bool) -> None:
    one = Lane("t", 0, "lz4")
    one.begin(Identity(77, 0))
    values: list[bytes | None] = [b"x" * (size // 2), b"y" * (size // 2)]
    for value in values:
        one.add(Record(b"k", value, [("h", b"1")]), DEADLINE)
    data = one.take()
    assert batch_of(data) == (77, 0, values)
    assert (len(data) < size) == compressed
