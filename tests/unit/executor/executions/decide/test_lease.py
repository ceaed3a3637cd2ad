"""What a partition makes of news about its leases."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.execution import AttemptEnded
from contracts.lease import LeaseGranted, LeaseRevoked
from contracts.scalars import attempt_id
from contracts.work import EnqueueAttempt, RunAttempt
from tests.support.rig import is_nothing, messages
from tests.support.rig.leases import ASKING, a_rig, grant, key_of, revoke, to_worker


def test_what_the_worker_does_not_hold_is_lost_and_tried_again_through_dispatch() -> None:
    rig = a_rig()
    grant(rig, slots=2)
    rig.start("f")
    held = key_of(rig, "b")
    revoke(rig, 1, held, reason="worker w1 does not run it")
    steps = rig.settle()
    again = [m for step in steps for m in messages(step.outbox, EnqueueAttempt)]
    assert [(m.task_run_id, m.attempt) for m in again] == [(rig.run("a").id, 2)]
    assert rig.run("b").state == "SUBMITTED"
    rig.assert_rebuilds()

    rig.report("b")
    assert not rig.machine.state.leases.groups, "the lease ends with the last attempt under it"
    rig.assert_rebuilds()


def test_what_a_lost_worker_held_is_lost_when_the_lease_is_revoked_again() -> None:
    rig = a_rig()
    grant(rig, slots=2)
    rig.start("f")
    revoke(rig, 1, key_of(rig, "a"), key_of(rig, "b"))
    assert rig.settle() == []
    revoke(rig, 1, reason="worker w1 left without finishing it")
    rig.settle()
    assert [rig.attempt(name).run.attempt for name in ("a", "b")] == [2, 2]


def test_an_end_that_was_reported_before_the_loss_counts() -> None:
    rig = a_rig()
    grant(rig, slots=2)
    rig.start("f")
    revoke(rig, 1)
    rig.report("a")
    rig.settle()
    assert rig.run("a").state == "SUCCESS"
    assert rig.run("b").attempt == 2


def test_a_grant_that_comes_again_after_its_end_counts_no_more() -> None:
    rig = a_rig()
    grant(rig)
    revoke(rig)
    assert is_nothing(grant(rig))
    assert is_nothing(revoke(rig))
    assert to_worker(rig.start("f")) == []


def test_a_killed_attempt_of_a_lost_worker_is_killed_and_not_tried_again() -> None:
    rig = a_rig()
    grant(rig, slots=2)
    rig.start("f")
    rig.kill()
    revoke(rig)
    rig.settle()
    rig.report("c", "cancelled")
    assert (rig.run("a").state, rig.state()) == ("KILLED", "KILLED")


def test_a_report_whose_step_raises_gives_its_place_back() -> None:
    rig = a_rig()
    grant(rig, slots=2)
    rig.start("f")
    key = key_of(rig, "a")
    rig.when_it_raised(rig.outcome("a"))
    assert attempt_id(key.task_run_id, key.attempt) not in rig.machine.state.leases.attempts


def test_questions_take_places_and_are_asked_again_when_they_are_lost() -> None:
    rig = a_rig(ASKING)
    grant(rig, slots=1)
    step = rig.start("f")
    (run,) = messages(step.outbox, RunAttempt)
    assert run.questions
    revoke(rig)
    again = [m for step in rig.settle() for m in messages(step.outbox, EnqueueAttempt)]
    assert [(m.task_run_id, m.attempt) for m in again] == [(run.task_run_id, 2)]
    rig.assert_rebuilds()


@pytest.mark.parametrize("message", [LeaseGranted, LeaseRevoked])
def test_news_about_leases_whose_step_raises_are_passed_over(message: type) -> None:
    rig = a_rig()
    fields: dict[str, Any] = {"group": "default", "lease": 1, "at": rig.now}
    if message is LeaseGranted:
        fields |= {"worker_id": "w1", "inbox": 1, "session": "s", "slots": 1}
    assert is_nothing(rig.when_it_raised(message(**fields)))


def test_an_attempt_of_another_execution_frees_nothing() -> None:
    rig = a_rig()
    grant(rig, slots=2)
    rig.start("f")
    other = AttemptEnded(execution_id="e1", task_run_id="none", attempt=1, outcome="succeeded", at=rig.now)
    assert is_nothing(rig.when(other))
    assert len(rig.machine.state.leases.attempts) == 2
