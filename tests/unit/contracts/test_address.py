"""Where the answers to an attempt go."""

from __future__ import annotations

from typing import get_args

import pytest

from contracts.address import OUTCOMES, ReplyTo, address_of, has_usable_key
from contracts.codec import Codec, encode
from contracts.execution import AttemptEnded, AttemptStarted
from contracts.principal import writers
from contracts.topics import REPLY_TOPICS, TOPICS
from contracts.work import InboxMessage, RunAttempt
from tests.support.attempt import a_run

_INBOX: Codec[RunAttempt] = Codec(InboxMessage)


def test_an_attempt_keeps_its_address_on_the_wire() -> None:
    run = a_run("t", reply_to=ReplyTo("executions.reports", "other"))
    assert _INBOX.decode(encode(run)).reply_to == ReplyTo("executions.reports", "other")


def test_a_record_of_before_is_answered_at_its_execution() -> None:
    old = _INBOX.decode(encode(a_run("t")))
    assert b"reply_to" not in encode(a_run("t"))
    assert address_of(old.reply_to, old.execution_id) == ReplyTo(OUTCOMES, "e1")


def test_only_topics_can_be_addressed_whose_readers_understand_answers() -> None:
    assert OUTCOMES in REPLY_TOPICS
    for name in REPLY_TOPICS:
        assert {AttemptStarted, AttemptEnded} <= set(get_args(TOPICS[name].messages))


def test_beyond_addresses_a_worker_writes_only_what_is_its_own() -> None:
    may = {topic.name for topic in TOPICS.values() if "worker" in writers(topic)}
    own = {
        "workers.events",
        "attempts.logs",
        "attempts.metrics",
        "namespaces.commands",
        "projection.commands",
        "dead",
    }
    assert may - REPLY_TOPICS == own


@pytest.mark.parametrize(
    ("key", "usable"), [("e1", True), ("a/b c", True), ("", False), ("a\tb", False), ("x" * 1_001, False)]
)
def test_a_key_fits_into_a_line(key: str, usable: bool) -> None:
    assert has_usable_key(ReplyTo(OUTCOMES, key)) is usable
