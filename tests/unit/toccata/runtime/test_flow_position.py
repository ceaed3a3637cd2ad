"""A start that names a position of ``flows.state`` waits until that record was read."""

from __future__ import annotations

from toccata.runtime.flow_position import FlowPosition


def read_to(read: int) -> FlowPosition:
    position = FlowPosition()
    position.read, position.end = read, read + 1
    return position


def answer(position: FlowPosition, end: int) -> None:
    position.ended(list(position.questions().items()), end)


def test_a_start_that_names_the_next_record_waits_until_it_was_read() -> None:
    """Its flow was saved a moment ago: to begin now would mean "Flow not found", or an older revision."""
    position = read_to(9)
    assert not position.reached(10, "e1")
    answer(position, 11)
    assert not position.reached(10, "e1")
    position.read = 10
    assert position.reached(10, "e1")
    assert not position.questions()


def test_a_position_that_was_read_is_reached_at_once() -> None:
    position = read_to(9)
    assert position.reached(9, "e1")
    assert position.reached(-1, "e2")
    assert not position.questions()


def test_nobody_waits_for_a_record_that_does_not_exist() -> None:
    position = read_to(9)
    assert not position.reached(10**18, "forged")
    answer(position, 10)
    assert position.reached(10**18, "forged")


def test_an_answer_counts_only_for_who_asked_before_it() -> None:
    position = read_to(9)
    assert not position.reached(10, "e1")
    asked_before = list(position.questions().items())
    assert not position.reached(10, "e2")
    position.ended(asked_before, 10)
    assert position.reached(10, "e1")
    assert not position.reached(10, "e2")
    answer(position, 11)
    assert not position.reached(10, "e2")
