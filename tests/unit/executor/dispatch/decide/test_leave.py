"""Attempts that end without a report of their worker."""

from __future__ import annotations

from msgspec.structs import replace

from contracts.address import ReplyTo
from contracts.execution import AttemptEnded
from contracts.machine import Step
from contracts.work import StopAttempt
from tests.support.rig import messages
from tests.support.rig.dispatch import DispatchRig, ends


def test_a_worker_that_is_gone_lost_what_it_did_not_return(rig: DispatchRig) -> None:
    rig.announce(slots=2)
    rig.enqueue("t1")
    rig.enqueue("t2")

    step = rig.drain(returned="t1", gone=True)

    assert ends(step) == [("t2", "lost")]
    assert rig.timers == {}


def test_a_withdrawn_attempt_of_a_lost_worker_is_cancelled_not_retried(rig: DispatchRig) -> None:
    rig.announce()
    rig.enqueue("t1")
    rig.withdraw("t1")

    steps = rig.wait(30_000)

    assert ends(*steps) == [("t1", "cancelled")]
    assert rig.timers == {}


def test_a_returned_attempt_that_was_being_stopped_is_cancelled(rig: DispatchRig) -> None:
    rig.announce()
    rig.enqueue("t1")
    rig.withdraw("t1")

    assert ends(rig.drain(returned="t1", gone=True)) == [("t1", "cancelled")]


def answered(*steps: Step) -> list[tuple[str, str]]:
    """Return topic and key of every end that dispatch declared."""
    return [
        (out.topic, out.key) for step in steps for out in step.outbox if isinstance(out.message, AttemptEnded)
    ]


def test_an_end_that_dispatch_declares_goes_to_the_address_of_the_attempt(rig: DispatchRig) -> None:
    rig.announce(slots=2)
    rig.when(replace(rig.an_enqueue("t1"), reply_to=ReplyTo("executions.reports", "asker")))
    rig.enqueue("t2")
    rig.restart(snapshot=True)

    steps = rig.wait(30_000)

    assert answered(*steps) == [("executions.reports", "asker"), ("executions.reports", "e-t2")]


def test_a_topic_that_cannot_be_addressed_gets_nothing_and_the_execution_hears_of_the_end(
    rig: DispatchRig,
) -> None:
    rig.announce()
    rig.when(replace(rig.an_enqueue("t1"), reply_to=ReplyTo("registry.commands", "asker")))

    assert answered(*rig.wait(30_000)) == [("executions.reports", "e-t1")]


def test_withdrawing_what_is_not_known_is_answered_where_the_withdrawal_says(rig: DispatchRig) -> None:
    step = rig.when(replace(rig.a_withdrawal("t9"), reply_to=ReplyTo("executions.reports", "asker")))
    assert answered(step) == [("executions.reports", "asker")]


def test_a_stop_carries_the_address_of_its_attempt(rig: DispatchRig) -> None:
    rig.announce()
    address = ReplyTo("executions.reports", "asker")
    rig.when(replace(rig.an_enqueue("t1"), reply_to=address))
    (stop,) = messages(rig.withdraw("t1").outbox, StopAttempt)
    assert stop.reply_to == address
