"""A worker answers where the attempt says, and nowhere else than it may."""

from __future__ import annotations

from contracts.address import ReplyTo
from contracts.work import StopAttempt
from services.worker.core.address import Address, answers_of
from tests.support.attempt import a_run

HOME = ReplyTo("executions.reports", "e1")


def test_an_attempt_is_answered_where_it_says() -> None:
    other = ReplyTo("executions.reports", "elsewhere")
    assert answers_of(a_run("t", reply_to=other)) == Address(other)
    assert answers_of(a_run("t")) == Address(HOME)


def test_a_stop_of_an_unknown_attempt_is_answered_where_the_attempt_would_be() -> None:
    other = ReplyTo("executions.reports", "elsewhere")
    stop = StopAttempt(execution_id="e1", task_run_id="tr1", attempt=1, reply_to=other)
    assert answers_of(stop).to == other


def test_an_address_elsewhere_is_refused_and_its_execution_learns_why() -> None:
    for topic in ("registry.commands", "executions.journal", "nowhere", ""):
        found = answers_of(a_run("t", reply_to=ReplyTo(topic, "e1")))
        assert found.to == HOME
        assert f"no answer may go to topic `{topic}`" in found.refusal
        assert "executions.reports" in found.refusal
    assert "key" in answers_of(a_run("t", reply_to=ReplyTo("executions.reports", "a\nb"))).refusal
