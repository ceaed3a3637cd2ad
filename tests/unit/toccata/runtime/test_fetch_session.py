"""A fetch session: what travels, what the broker is taken to know, and what ends it."""

from __future__ import annotations

from typing import Any

import pytest
from aiokafka.errors import FetchSessionIdNotFound, InvalidFetchSessionEpoch, KafkaError
from aiokafka.protocol.fetch import FetchResponse_v11

from toccata.runtime.fetch_session import Answer, Bounds, FetchSession, Named

BOUNDS = Bounds(500)
P = ("t", 0)
Q = ("t", 1)
R = ("u", 0)


def response(session: int, *partitions: Named, code: int = 0, high: int = 0, data: bytes = b"") -> Any:
    topics: list[Any] = [(name, [(number, 0, high, high, 0, [], -1, data)]) for name, number in partitions]
    return FetchResponse_v11(0, code, session, topics)


def sent(session: FetchSession, wanted: dict[Named, int]) -> tuple[int, int, dict[Named, int], list[Named]]:
    """Return id, epoch, named offsets and forgotten partitions of the next request, read back from its bytes."""
    request = session.request(wanted, BOUNDS).prepare({})
    read = type(request).decode(request.encode())
    named = {(t, p): offset for t, partitions in read.topics for p, _, offset, *_ in partitions}
    gone = [(t, p) for t, partitions in read.forgotten_topics_data for p in partitions]
    return read.session_id, read.session_epoch, named, gone


def opened(wanted: dict[Named, int]) -> FetchSession:
    session = FetchSession()
    sent(session, wanted)
    session.answered(response(7, *wanted))
    return session


def test_the_first_request_names_everything_and_the_next_ones_only_what_changed() -> None:
    session = FetchSession()
    assert sent(session, {P: 3, Q: 5, R: 0}) == (0, 0, {P: 3, Q: 5, R: 0}, [])
    answers = session.answered(response(7, P, Q, R, high=9, data=b"x"))
    assert answers == [Answer(p, 0, 9, b"x") for p in (P, Q, R)]

    assert sent(session, {P: 4, Q: 5, R: 0}) == (7, 1, {P: 4}, [])
    session.answered(response(7))
    assert sent(session, {P: 4, Q: 5, R: 0}) == (7, 2, {}, [])


def test_partitions_that_come_and_go_are_named_and_forgotten() -> None:
    session = opened({P: 0, Q: 0})
    assert sent(session, {Q: 0, R: 2}) == (7, 1, {R: 2}, [P])
    session.answered(response(7))
    assert sent(session, {P: 0, R: 2}) == (7, 2, {P: 0}, [Q])


@pytest.mark.parametrize(("error", "old"), [(FetchSessionIdNotFound, 0), (InvalidFetchSessionEpoch, 7)])
def test_a_forgotten_session_begins_anew_with_everything(error: type[KafkaError], old: int) -> None:
    session = opened({P: 0, Q: 0})
    sent(session, {P: 1, Q: 0})
    assert session.answered(response(0, code=error.errno)) is None
    assert sent(session, {P: 1, Q: 0}) == (old, 0, {P: 1, Q: 0}, [])


def test_another_refusal_is_raised_and_the_next_request_names_everything() -> None:
    session = opened({P: 0})
    sent(session, {P: 1})
    with pytest.raises(KafkaError):
        session.answered(response(0, code=-1))
    assert sent(session, {P: 1}) == (7, 0, {P: 1}, [])


def test_a_request_without_an_answer_ends_the_session() -> None:
    session = opened({P: 0, Q: 0})
    sent(session, {P: 1, Q: 0})
    session.restart()
    assert sent(session, {P: 1, Q: 0}) == (7, 0, {P: 1, Q: 0}, [])


def test_a_broker_without_room_for_sessions_gets_whole_requests() -> None:
    session = FetchSession()
    for offset in range(3):
        assert sent(session, {Q: 0, P: offset}) == (0, 0, {Q: 0, P: offset}, [])
        session.answered(response(0, Q, P))


@pytest.mark.parametrize("answered", [(P,), (P, Q, R)])
def test_a_first_answer_that_does_not_fit_the_request_begins_no_session(answered: tuple[Named, ...]) -> None:
    session = FetchSession()
    sent(session, {P: 0, Q: 0})
    session.answered(response(7, *answered))
    assert sent(session, {P: 0, Q: 0}) == (7, 0, {P: 0, Q: 0}, [])


def test_an_answer_for_a_partition_that_nobody_asked_for_ends_the_session() -> None:
    session = opened({P: 0})
    sent(session, {P: 0})
    session.answered(response(7, R))
    assert sent(session, {P: 0}) == (7, 0, {P: 0}, [])


def test_a_session_that_the_broker_closed_is_not_continued() -> None:
    session = opened({P: 0})
    sent(session, {P: 0})
    session.answered(response(0))
    assert sent(session, {P: 0}) == (0, 0, {P: 0}, [])


def test_epochs_begin_again_at_one() -> None:
    session = opened({P: 0})
    session._epoch = 2**31 - 1
    sent(session, {P: 0})
    session.answered(response(7))
    assert sent(session, {P: 0})[1] == 1
