"""What web remembers of executions that it has accepted, or has not."""

from __future__ import annotations

from services.web.adapters.event_tail import EventTail
from toccata.runtime.fetch import Fetched
from toccata.runtime.kafka import partition_of
from toccata.runtime.settings import KafkaSettings


def a_tail() -> EventTail:
    return EventTail(KafkaSettings(), "test")


def an_event(execution_id: str, offset: int) -> Fetched:
    return Fetched("executions.events", 0, offset, 0, execution_id.encode(), b"{}", [])


def test_an_accepted_start_is_expected_until_it_is_seen():
    tail = a_tail()
    tail.expect("e1")
    assert tail.recent("e1") == (partition_of(b"e1", 16), -1)
    tail._take([an_event("e1", 7)])
    assert tail.recent("e1") == (partition_of(b"e1", 16), 7)


def test_a_start_that_was_not_acknowledged_is_owed_to_nobody():
    tail = a_tail()
    tail.expect("e1")
    tail.forget("e1")
    assert tail.recent("e1") is None


def test_what_was_seen_is_neither_forgotten_nor_expected_again():
    tail = a_tail()
    tail._take([an_event("e1", 7)])
    tail.expect("e1")
    tail.forget("e1")
    assert tail.recent("e1") == (partition_of(b"e1", 16), 7)
